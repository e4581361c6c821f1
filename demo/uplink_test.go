package demo_test

import (
	"testing"
	"time"
)

// BenchmarkUplink plays the arena with six bots for 30 s of virtual time, and tells what a client sends: inputs nearly alone.
func BenchmarkUplink(b *testing.B) {
	for _, conditions := range []string{"delay=10ms", "delay=50ms", "delay=50ms,jitter=10ms,loss=2%", "delay=100ms,jitter=20ms,loss=5%"} {
		b.Run(conditions, func(b *testing.B) {
			for b.Loop() {
				m := newMatch(b, 5, conditions, 6)
				m.verify = false
				m.Run(5 * time.Second)
				sum := func() (bytes, packets uint64) {
					for _, s := range m.seats {
						st := s.Stats()
						bytes, packets = bytes+st.BytesUp, packets+st.PacketsUp
					}
					return bytes, packets
				}
				bytes0, packets0 := sum()
				m.Run(30 * time.Second)
				bytes, packets := sum()
				b.ReportMetric(float64(bytes-bytes0)/float64(packets-packets0), "B/packet")
				b.ReportMetric(float64(bytes-bytes0)/30/6, "B/s/client")
			}
		})
	}
}
