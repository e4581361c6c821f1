//go:build linux

package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/halftick/halftick/netcode/bench/cell"
	"github.com/halftick/halftick/netcode/bench/peer"
	"github.com/halftick/halftick/netcode/bench/report"
)

// punctual is how late a link may be in W1 and W2.
const punctual = 8 * time.Millisecond

func w1() workload {
	return workload{
		name: "W1", title: "reliable messages on the beat",
		text: "One client sends 60 reliable ordered messages of 100 B a second, 25 ms each way, loss on both ways. Latency is added latency: less the 25 ms.",
		plan: func(o options) []job {
			jobs := over(o, job{work: "W1", beside: 8, tolerance: punctual,
				spec: alone(10*time.Second, cell.Stream{Lane: peer.Reliable, Hz: 60, Size: 100})}, paths(), []peer.Lane{peer.Reliable})
			return slices.DeleteFunc(jobs, func(j job) bool { return j.peer == "kcp-aes" }) // differs from kcp in bytes and CPU alone
		},
		tables: func(cells []ran) string { return short(cells) + "\n" + latencies(cells) },
		plots: []plot{
			{"bench-w1-loss5", "Reliable ordered messages, 60 Hz, 5 % loss each way", "loss5", 0},
			{"bench-w1-loss20", "Reliable ordered messages, 60 Hz, 20 % loss each way", "loss20", 0},
			{"bench-w1-burst5", "Reliable ordered messages, 60 Hz, outages of 60 ms, 5 % of the time", "burst5", 0},
		},
	}
}

func w1s() workload {
	return workload{
		name: "W1s", title: "reliable messages now and then",
		text: "As W1, with 5 messages a second: each loss is found without a next message to show it.",
		plan: func(o options) []job {
			keep := func(p path) bool { return p.name != "loss5" }
			spec := alone(20*time.Second, cell.Stream{Lane: peer.Reliable, Hz: 5, Size: 100})
			jobs := over(o, job{work: "W1s", beside: 16, tolerance: punctual, spec: spec}, slices.DeleteFunc(paths(), keep), []peer.Lane{peer.Reliable})
			return slices.DeleteFunc(jobs, func(j job) bool { return j.peer == "kcp-aes" })
		},
		tables: latencies,
	}
}

// short is one table over all links: added latency p50 / p99.
func short(cells []ran) string {
	gs := groups(cells)
	var links, peers []string
	for _, g := range gs {
		if !slices.Contains(links, g.link) {
			links = append(links, g.link)
		}
		if !slices.Contains(peers, g.peer) {
			peers = append(peers, g.peer)
		}
	}
	t := report.NewTable(append([]string{"p50 / p99, ms"}, links...)...)
	for _, p := range peers {
		row := []any{p}
		for _, l := range links {
			i := slices.IndexFunc(gs, func(g group) bool { return g.link == l && g.peer == p })
			if i < 0 || len(gs[i].runs) == 0 {
				row = append(row, "-")
				continue
			}
			row = append(row, report.Num(gs[i].percentile(0, 0.5))+" / "+report.Num(gs[i].percentile(0, 0.99)))
		}
		t.Row(row...)
	}
	return t.String()
}

// latencies is a table for each link.
func latencies(cells []ran) string {
	var b strings.Builder
	var t *report.Table
	flush := func() {
		if t != nil {
			b.WriteString(t.String() + "\n")
		}
	}
	last := ""
	for _, g := range groups(cells) {
		if g.link != last {
			flush()
			last = g.link
			fmt.Fprintf(&b, "**%s**\n\n", last)
			t = report.NewTable("peer", "p50", "p90", "p99", "p99.9", "max", "p99 by run", "lost or undelivered %", "IP B/msg up", "down", "sum", "CPU µs/msg", "runs")
		}
		if len(g.runs) == 0 {
			t.Row(g.peer, g.why, "", "", "", "", "", "", "", "", "", "", 0)
			continue
		}
		pooled := g.pooled(0)
		t.Row(g.peer, g.percentile(0, 0.5), g.percentile(0, 0.9), g.percentile(0, 0.99), report.Percentile(pooled, 0.999), report.Percentile(pooled, 1),
			g.span(func(r ran) float64 { return report.Percentile(r.Up[0].Latency, 0.99) }), g.undelivered(0),
			g.perMessage(upBytes), g.perMessage(downBytes), g.perMessage(allBytes), g.perMessage(allCPU), g.count())
	}
	flush()
	return b.String()
}

// span returns the lowest and the highest of what f says of each run.
func (g group) span(f func(ran) float64) string {
	var v []float64
	for _, r := range g.runs {
		v = append(v, f(r))
	}
	return report.Num(slices.Min(v)) + "–" + report.Num(slices.Max(v))
}

// count says how many runs there were, and how many of them had a link that was too late, or failed.
func (g group) count() string {
	s := fmt.Sprint(len(g.runs))
	late := 0
	for _, r := range g.runs {
		if r.Late > r.tolerance {
			late++
		}
	}
	if late > 0 {
		s += fmt.Sprintf(" (%d late)", late)
	}
	if g.failed > 0 {
		s += fmt.Sprintf(" (%d failed)", g.failed)
	}
	return s
}
