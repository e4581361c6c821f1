//go:build linux

package main

import (
	"fmt"
	"time"

	"github.com/halftick/halftick/netcode/bench/cell"
	"github.com/halftick/halftick/netcode/bench/peer"
	"github.com/halftick/halftick/netcode/bench/report"
)

const crowd = 200

func w4() workload {
	return workload{
		name: "W4", title: "what a server costs",
		text: fmt.Sprintf("%d clients in one process, a server in another, loopback. Each client sends 60 messages of 100 B a second, spread over the period; 20 times a second the server sends 400 B to all of them at once. CPU is that of the server process, in percent of a core.", crowd),
		plan: func(o options) (jobs []job) {
			for _, lane := range []peer.Lane{peer.Reliable, peer.Unreliable} {
				for _, r := range peer.All() {
					if !wants(o.peers, r.Name) || !r.Can(lane) || r.Name == "tcp-bbr" || isVariant(r.Name) || r.Name == "kcp-fec" {
						continue
					}
					for seed := range o.seeds {
						j := job{work: "W4", link: lane.String(), peer: r.Name, seed: uint64(seed + 1), beside: 1}
						j.spec = cell.Spec{Peer: r.Name, Conns: crowd, Warm: time.Second, Run: 4 * time.Second, Drain: 2 * time.Second,
							Up:   []cell.Stream{{Lane: lane, Hz: 60, Size: 100}},
							Down: []cell.Stream{{Lane: lane, Hz: 20, Size: 400, Together: true}}}
						if o.run > 0 {
							j.spec.Run = o.run
						}
						jobs = append(jobs, j)
					}
				}
			}
			return jobs
		},
		tables: costs,
	}
}

func costs(cells []ran) string {
	t := report.NewTable("peer", "lane", "server CPU %", "by run", "client CPU %", "server allocs/s", "MB/s", "RSS KiB/conn", "up p50 ms", "p99", "down p50", "p99", "undelivered % up", "runs")
	for _, g := range groups(cells) {
		if len(g.runs) == 0 {
			t.Row(g.peer, g.link, g.why, "", "", "", "", "", "", "", "", "", "", 0)
			continue
		}
		down := func(p float64) float64 {
			return g.median(func(r ran) float64 { return report.Percentile(r.Down[0].Latency, p) })
		}
		t.Row(g.peer, g.link, g.median(load), g.span(load), g.median(func(r ran) float64 { return 100 * r.Client.CPU / r.Seconds }),
			g.median(func(r ran) float64 { return r.Server.Allocs / r.Seconds }), g.median(func(r ran) float64 { return r.Server.Bytes / r.Seconds / 1e6 }),
			g.median(func(r ran) float64 { return float64(r.Server.RSS) / 1024 / crowd }),
			g.percentile(0, 0.5), g.percentile(0, 0.99), down(0.5), down(0.99), g.undelivered(0), g.count())
	}
	return t.String()
}

// load returns the CPU time of the server in percent of a core.
func load(r ran) float64 { return 100 * r.Server.CPU / r.Seconds }
