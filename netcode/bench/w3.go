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

func w3() workload {
	return workload{
		name: "W3", title: "a game beside a transfer",
		text: "One client sends 60 unreliable messages of 200 B and 10 reliable ones of 64 B a second, and transfers of 1 MiB one after the other, over 8 Mbit/s with a queue of 64 KiB, 25 ms and 5 % loss each way. Who cannot do unreliable messages sends the others alone.",
		plan: func(o options) (jobs []job) {
			on := []path{{"8 Mbit/s", link.Shape{Delay: oneWay, Loss: 0.05, Rate: 8e6, Queue: 64 << 10}}}
			template := job{work: "W3", beside: 3, tolerance: 20 * time.Millisecond}
			template.spec = alone(15*time.Second, cell.Stream{Lane: peer.Reliable, Hz: 10, Size: 64},
				cell.Stream{Lane: peer.Bulk, Size: peer.MaxMessage, Transfer: 1 << 20}, cell.Stream{Lane: peer.Unreliable, Hz: 60, Size: 200})
			template.spec.Drain = 4 * time.Second
			for _, j := range over(o, template, on, []peer.Lane{peer.Reliable, peer.Bulk}) {
				if r, _ := peer.Find(j.peer); !r.Can(peer.Unreliable) {
					j.spec.Up = j.spec.Up[:2]
				}
				if j.peer != "kcp-aes" && !isVariant(j.peer) {
					jobs = append(jobs, j)
				}
			}
			return jobs
		},
		tables: mixed,
		plots:  []plot{{"bench-w3", "Small reliable messages beside a transfer, 8 Mbit/s, 5 % loss", "8 Mbit/s", 0}},
	}
}

func mixed(cells []ran) string {
	t := report.NewTable("peer", "reliable p50", "p99", "max", "undelivered %", "unreliable p50", "p99", "lost %", "1 MiB median s", "least–most", "transfers", "goodput kbit/s", "IP B / payload B", "runs")
	for _, g := range groups(cells) {
		if len(g.runs) == 0 {
			t.Row(g.peer, g.why, "", "", "", "", "", "", "", "", "", "", "", 0)
			continue
		}
		whole := g.wholes()
		row := []any{g.peer, g.percentile(0, 0.5), g.percentile(0, 0.99), report.Percentile(g.pooled(0), 1), g.undelivered(0)}
		if len(g.runs[0].Up) > 2 {
			row = append(row, g.percentile(2, 0.5), g.percentile(2, 0.99), g.undelivered(2))
		} else {
			row = append(row, "-", "-", "-")
		}
		span := "-"
		if len(whole) > 0 {
			span = report.Num(report.Percentile(whole, 0)) + "–" + report.Num(report.Percentile(whole, 1))
		}
		row = append(row, report.Median(whole), span, fmt.Sprint(len(whole)), g.median(func(r ran) float64 { return r.Bulk / 1e3 }), g.median(overhead), g.count())
		t.Row(row...)
	}
	return t.String()
}

// wholes returns the seconds of every transfer of all runs.
func (g group) wholes() (all []float64) {
	for _, r := range g.runs {
		all = append(all, r.Whole...)
	}
	return all
}

// overhead returns the IP bytes that were offered for each byte of payload that arrived.
func overhead(r ran) float64 {
	payload := r.Bulk / 8 * r.Seconds
	for _, f := range r.Up {
		payload += float64(len(f.Latency) * f.Size)
	}
	return allBytes(r) / payload
}
