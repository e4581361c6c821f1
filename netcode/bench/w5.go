//go:build linux

package main

import (
	"time"

	"github.com/halftick/halftick/netcode/bench/cell"
	"github.com/halftick/halftick/netcode/bench/peer"
	"github.com/halftick/halftick/netcode/bench/report"
)

func w5() workload {
	return workload{
		name: "W5", title: "bulk",
		text: "One client sends messages of 16 KiB as fast as the transport takes them, over loopback.",
		plan: func(o options) []job {
			template := job{work: "W5", beside: 1}
			template.spec = cell.Spec{Conns: 1, Warm: time.Second, Run: 2 * time.Second, Up: []cell.Stream{{Lane: peer.Bulk, Size: peer.MaxMessage}}}
			return overLoopback(o, template, peer.Bulk, "halftick-2", "halftick-all", "halftick-frugal", "tcp-bbr", "kcp-fec")
		},
		tables: rates,
	}
}

// overLoopback makes the jobs of a workload for every peer that is wanted and has the lane.
func overLoopback(o options, template job, lane peer.Lane, without ...string) (jobs []job) {
	if o.run > 0 {
		template.spec.Run = o.run
	}
	for _, r := range peer.All() {
		if !wants(o.peers, r.Name) || !r.Can(lane) || len(without) > 0 && wants(without, r.Name) {
			continue
		}
		for seed := range o.seeds {
			j := template
			j.link, j.peer, j.seed, j.spec.Peer = "loopback", r.Name, uint64(seed+1), r.Name
			jobs = append(jobs, j)
		}
	}
	return jobs
}

func rates(cells []ran) string {
	t := report.NewTable("peer", "Mbit/s", "by run", "CPU s/GiB sender", "receiver", "sum", "runs")
	for _, g := range groups(cells) {
		if len(g.runs) == 0 {
			t.Row(g.peer, g.why, "", "", "", "", 0)
			continue
		}
		rate := func(r ran) float64 { return r.Bulk / 1e6 }
		t.Row(g.peer, g.median(rate), g.span(rate), g.median(func(r ran) float64 { return r.Client.CPU / gibibytes(r) }),
			g.median(func(r ran) float64 { return r.Server.CPU / gibibytes(r) }), g.median(perGiB), g.count())
	}
	return t.String()
}

// gibibytes returns how much bulk arrived; perGiB what both ends spent on each, in seconds of CPU time.
func gibibytes(r ran) float64 { return r.Bulk / 8 * r.Seconds / (1 << 30) }
func perGiB(r ran) float64    { return (r.Client.CPU + r.Server.CPU) / gibibytes(r) }
