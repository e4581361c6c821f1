//go:build linux

package main

import (
	"fmt"
	"slices"

	"github.com/halftick/halftick/netcode/bench/link"
	"github.com/halftick/halftick/netcode/bench/report"
)

// A goal is a figure this library is to reach in a cell.
type goal struct {
	link, peer string
	what       string
	of         func(group) float64
	reach      float64
	least      bool   // to be reached from below
	than       string // another peer, by whose figure ours is divided; empty for none
}

// goalsOf returns the goals of a workload.
func goalsOf(work string) []goal {
	p99 := func(g group) float64 { return g.percentile(0, 0.99) }
	p999 := func(g group) float64 { return report.Percentile(g.pooled(0), 0.999) }
	bytes := func(g group) float64 { return g.perMessage(allBytes) }
	latency := func(peer, link string, ms99, ms999, perMessage float64) (gs []goal) {
		gs = append(gs, goal{link, peer, "added latency p99, ms", p99, ms99, false, ""})
		if ms999 > 0 {
			gs = append(gs, goal{link, peer, "added latency p99.9, ms", p999, ms999, false, ""})
		}
		return append(gs, goal{link, peer, "IP B/msg", bytes, perMessage, false, ""})
	}
	switch work {
	case "W1":
		return slices.Concat(
			[]goal{{"loss0", "halftick", "IP B/msg", bytes, 172, false, ""}},
			latency("halftick", "loss5", 20, 52, 320), latency("halftick-2", "loss5", 20, 36, 430), latency("halftick-frugal", "loss5", 61, 110, 200),
			latency("halftick", "loss20", 50, 80, 460), latency("halftick", "burst5", 117, 0, 270))
	case "W3":
		return []goal{
			{"8 Mbit/s", "halftick", "small reliable p50, ms", func(g group) float64 { return g.percentile(0, 0.5) }, 3, false, ""},
			{"8 Mbit/s", "halftick", "small reliable p99, ms", p99, 40, false, ""},
			{"8 Mbit/s", "halftick", "1 MiB, median s", func(g group) float64 { return report.Median(g.wholes()) }, 1.3, false, ""},
		}
	case "W4":
		return []goal{
			{"reliable", "halftick", "server CPU %", func(g group) float64 { return g.median(load) }, 25, false, ""},
			{"reliable", "halftick", "server allocations per message", func(g group) float64 {
				return g.median(func(r ran) float64 { return r.Server.Allocs / float64(r.Up[0].Sent+r.Down[0].Sent) })
			}, 0.001, false, ""},
		}
	case "W5":
		return []goal{
			{"loopback", "halftick", "Mbit/s, divided by quic's", func(g group) float64 { return g.median(func(r ran) float64 { return r.Bulk / 1e6 }) }, 1, true, "quic"},
			{"loopback", "halftick", "Mbit/s", func(g group) float64 { return g.median(func(r ran) float64 { return r.Bulk / 1e6 }) }, 2500, true, ""},
			{"loopback", "halftick", "CPU s/GiB, both ends", func(g group) float64 { return g.median(perGiB) }, 6, false, ""},
		}
	case "W6":
		return []goal{
			{"loopback", "halftick", "heap and stacks KiB/conn", func(g group) float64 {
				return g.median(func(r ran) float64 { return float64(r.Server.Live) / 1024 / idlers })
			}, 8, false, ""},
			{"loopback", "halftick", "server RSS KiB/conn", func(g group) float64 {
				return g.median(func(r ran) float64 { return float64(r.Server.RSS) / 1024 / idlers })
			}, 8, false, ""},
			{"loopback", "halftick", "server CPU %", func(g group) float64 { return g.median(load) }, 1, false, ""},
			{"loopback", "halftick", "IP B/s/conn", func(g group) float64 {
				return g.median(func(r ran) float64 { return float64(r.Offered[link.Client].Bytes) / r.Seconds / idlers })
			}, 24, false, ""},
		}
	case "W7":
		return []goal{
			{"unreliable", "halftick", "bytes a message besides its own", func(g group) float64 { return g.median(besides(link.Client)) }, 28, false, ""},
			{"reliable", "halftick", "bytes a message besides its own", func(g group) float64 { return g.median(besides(link.Client)) }, 30, false, ""},
		}
	}
	return nil
}

// goals is a table of what was to be reached and what was, for the cells that were run.
func goals(work string, cells []ran) string {
	gs := groups(cells)
	t := report.NewTable("goal", "peer", "link", "reach", "measured", "reached")
	any := false
	for _, want := range goalsOf(work) {
		i := slices.IndexFunc(gs, func(g group) bool { return g.link == want.link && g.peer == want.peer })
		if i < 0 || len(gs[i].runs) == 0 {
			continue
		}
		got := want.of(gs[i])
		if want.than != "" {
			k := slices.IndexFunc(gs, func(g group) bool { return g.link == want.link && g.peer == want.than })
			if k < 0 || len(gs[k].runs) == 0 {
				continue
			}
			got /= want.of(gs[k])
		}
		sign, reached := "≤", got <= want.reach
		if want.least {
			sign, reached = "≥", got >= want.reach
		}
		t.Row(want.what, want.peer, want.link, fmt.Sprintf("%s %g", sign, want.reach), got, map[bool]string{true: "yes", false: "**no**"}[reached])
		any = true
	}
	if !any {
		return ""
	}
	return "What halftick is to reach:\n\n" + t.String()
}
