//go:build linux

package main

import (
	"errors"
	"strings"
	"time"

	"github.com/halftick/halftick/netcode/bench/cell"
	"github.com/halftick/halftick/netcode/bench/link"
	"github.com/halftick/halftick/netcode/bench/peer"
	"github.com/halftick/halftick/netcode/bench/report"
)

// A workload is a section of the tables.
type workload struct {
	name, title string
	text        string // what is sent
	plan        func(options) []job
	tables      func([]ran) string
	plots       []plot
}

func workloads() []workload { return []workload{w1(), w1s(), w2(), w3(), w4(), w5(), w6(), w7()} }

// oneWay is the delay of every emulated link.
const oneWay = 25 * time.Millisecond

// A path is a link by name.
type path struct {
	name  string
	shape link.Shape
}

// paths are those of W1.
func paths() []path {
	lossy := func(p float64) link.Shape { return link.Shape{Delay: oneWay, Loss: p} }
	return []path{
		{"loss0", lossy(0)}, {"loss1", lossy(0.01)}, {"loss5", lossy(0.05)}, {"loss10", lossy(0.10)}, {"loss20", lossy(0.20)},
		{"burst5", link.Shape{Delay: oneWay, Outage: 0.05, Mean: 60 * time.Millisecond}},
	}
}

// over makes the jobs of a workload over every path, peer and seed that is wanted; each spec is a copy of template.
func over(o options, template job, on []path, can []peer.Lane) (jobs []job) {
	if o.run > 0 {
		template.spec.Run = o.run
	}
	for _, p := range on {
		if !wants(o.links, p.name) {
			continue
		}
		for _, r := range peer.All() {
			if !wants(o.peers, r.Name) || !r.Can(can...) {
				continue
			}
			for seed := range o.seeds {
				j := template
				j.link, j.peer, j.seed, j.shape = p.name, r.Name, uint64(seed+1), &p.shape
				j.spec.Peer = r.Name
				jobs = append(jobs, j)
			}
		}
	}
	return jobs
}

// A group is the runs of one cell, one for each seed, that did not fail.
type group struct {
	link, peer string
	runs       []ran
	failed     int
	why        string // there are no runs
}

// groups puts the runs of a cell together, in the order they come in.
func groups(cells []ran) (gs []group) {
	for _, r := range cells {
		if n := len(gs); n == 0 || gs[n-1].link != r.link || gs[n-1].peer != r.peer {
			gs = append(gs, group{link: r.link, peer: r.peer})
		}
		g := &gs[len(gs)-1]
		if r.err != nil {
			g.failed++
			g.why = "failed"
			if errors.Is(r.err, errLeftOut) {
				g.why = "left out"
			}
		} else {
			g.runs = append(g.runs, r)
		}
	}
	return gs
}

// median returns the median over the runs of what f says of each.
func (g group) median(f func(ran) float64) float64 {
	var v []float64
	for _, r := range g.runs {
		v = append(v, f(r))
	}
	return report.Median(v)
}

// pooled returns the latencies of the i-th stream of all runs together.
func (g group) pooled(i int) (all []float64) {
	for _, r := range g.runs {
		all = append(all, r.Up[i].Latency...)
	}
	return all
}

func num(values []float64, p float64) string { return report.Num(report.Percentile(values, p)) }

func (g group) percentile(i int, p float64) float64 {
	return g.median(func(r ran) float64 { return report.Percentile(r.Up[i].Latency, p) })
}

// undelivered returns the share of the i-th stream's messages that did not arrive, in percent.
func (g group) undelivered(i int) float64 {
	sent, got := 0, 0
	for _, r := range g.runs {
		sent += r.Up[i].Sent
		got += len(r.Up[i].Latency)
	}
	return 100 * float64(sent-got) / float64(sent)
}

// perMessage returns the median over the runs of f divided by the messages of the first stream.
func (g group) perMessage(f func(ran) float64) float64 {
	return g.median(func(r ran) float64 { return f(r) / float64(r.Up[0].Sent) })
}

func upBytes(r ran) float64   { return float64(r.Offered[link.Client].Bytes) }
func downBytes(r ran) float64 { return float64(r.Offered[link.Server].Bytes) }
func allBytes(r ran) float64  { return upBytes(r) + downBytes(r) }
func allCPU(r ran) float64    { return (r.Client.CPU + r.Server.CPU) * 1e6 }

// alone is the spec of one client that sends these streams.
func alone(run time.Duration, up ...cell.Stream) cell.Spec {
	return cell.Spec{Conns: 1, Up: up, Warm: time.Second, Run: run, Drain: 8 * time.Second}
}

// isVariant reports whether a peer differs from halftick in how it repeats reliable messages alone.
func isVariant(peer string) bool {
	return strings.HasPrefix(peer, "halftick-") && peer != "halftick-kcp"
}
