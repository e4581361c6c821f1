package cell

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"

	"golang.org/x/sys/unix"
	"time"
)

// usage samples this process.
func usage() Sample {
	s := Sample{At: clock()}
	var ru unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &ru) == nil {
		s.CPU = time.Duration(ru.Utime.Nano() + ru.Stime.Nano())
	}
	if b, err := os.ReadFile("/proc/self/statm"); err == nil {
		var size, resident int64
		fmt.Sscan(string(b), &size, &resident)
		s.RSS = resident * int64(os.Getpagesize())
	}
	m := []metrics.Sample{{Name: "/gc/heap/allocs:objects"}, {Name: "/gc/heap/allocs:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(m)
	s.Allocs, s.Bytes = int64(m[0].Value.Uint64()), int64(m[1].Value.Uint64())
	s.Live = int64(m[2].Value.Uint64() + m[3].Value.Uint64())
	return s
}

// settled is usage after a collection, with what is free given back.
func settled() Sample {
	runtime.GC()
	debug.FreeOSMemory()
	return usage()
}
