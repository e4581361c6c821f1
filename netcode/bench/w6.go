//go:build linux

package main

import (
	"fmt"
	"time"

	"github.com/halftick/halftick/netcode/bench/cell"
	"github.com/halftick/halftick/netcode/bench/link"
	"github.com/halftick/halftick/netcode/bench/peer"
	"github.com/halftick/halftick/netcode/bench/report"
)

const idlers = 1000

func w6() workload {
	return workload{
		name: "W6", title: "connections that do nothing",
		text: fmt.Sprintf("%d connections over loopback that are opened and then say nothing. Memory is that of the server process at the end, less what it had before the first connection: resident, and heap and stacks after a collection (of the kernel's memory, nothing).", idlers),
		plan: func(o options) (jobs []job) {
			template := job{work: "W6", beside: 1}
			template.spec = cell.Spec{Conns: idlers, Warm: 3 * time.Second, Run: 15 * time.Second} // three keep-alives of halftick
			o.seeds = 1
			if jobs = overLoopback(o, template, peer.Reliable, "halftick-2", "halftick-all", "halftick-frugal", "kcp", "kcp-fec", "tcp-bbr"); wants(o.peers, "udp") {
				o.peers = []string{"udp"}
				jobs = append(jobs, overLoopback(o, template, peer.Unreliable)...)
			}
			return jobs
		},
		tables: idle,
	}
}

func idle(cells []ran) string {
	t := report.NewTable("peer", "server RSS KiB/conn", "heap and stacks KiB/conn", "client RSS KiB/conn", "IP B/s/conn", "packets/s/conn", "server CPU %", "dial p50 ms", "runs")
	for _, g := range groups(cells) {
		if len(g.runs) == 0 {
			t.Row(g.peer, g.why, "", "", "", "", "", "", 0)
			continue
		}
		each := func(f func(ran) float64) float64 { return g.median(f) / idlers }
		t.Row(g.peer, each(func(r ran) float64 { return float64(r.Server.RSS) / 1024 }), each(func(r ran) float64 { return float64(r.Server.Live) / 1024 }),
			each(func(r ran) float64 { return float64(r.Client.RSS) / 1024 }), each(func(r ran) float64 { return float64(r.Offered[link.Client].Bytes) / r.Seconds }),
			each(func(r ran) float64 { return float64(r.Offered[link.Client].Packets) / r.Seconds }), g.median(func(r ran) float64 { return 100 * r.Server.CPU / r.Seconds }),
			g.median(func(r ran) float64 { return report.Percentile(r.Dials, 0.5) }), g.count())
	}
	return t.String()
}
