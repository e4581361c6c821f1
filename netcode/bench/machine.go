//go:build linux

package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/halftick/halftick/netcode/bench/peer"
	"github.com/halftick/halftick/netcode/bench/report"
)

// machine says when, where and with what was measured.
func machine(began time.Time, o options) string {
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	load, _ := os.ReadFile("/proc/loadavg")
	cpu := "unknown processor"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if name, ok := strings.CutPrefix(line, "model name"); ok {
				cpu = strings.TrimSpace(strings.TrimLeft(name, "\t :"))
				break
			}
		}
	}
	t := report.NewTable("peer", "what", "encrypted")
	for _, r := range peer.All() {
		if wants(o.peers, r.Name) {
			t.Row(r.Name, r.What, map[bool]string{true: "yes", false: "no"}[r.Encrypted])
		}
	}
	look := ""
	if o.quick {
		look = "**A quick look: short runs, one of each cell. Percentiles rest on few messages.** "
	}
	return look + fmt.Sprintf("Measured %s, in %.0f minutes, %s. %s, %d cores; Linux %s; %s. Load average at the end: %s.\n\n%s", began.UTC().Format("2006-01-02 15:04 UTC"),
		time.Since(began).Minutes(), runs(o.seeds), cpu, runtime.NumCPU(), strings.TrimSpace(string(kernel)), runtime.Version(), strings.Join(strings.Fields(string(load))[:3], ", "), t)
}

func runs(n int) string {
	if n == 1 {
		return "one run of each cell"
	}
	return fmt.Sprintf("%d runs of each cell", n)
}
