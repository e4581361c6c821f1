//go:build linux

package main

import (
	"slices"
	"time"

	"github.com/halftick/halftick/netcode/bench/cell"
	"github.com/halftick/halftick/netcode/bench/peer"
)

func w2() workload {
	return workload{
		name: "W2", title: "unreliable messages on the beat",
		text: "As W1, unreliable: what arrives is as late as the transport's own work made it.",
		plan: func(o options) []job {
			on := slices.DeleteFunc(paths(), func(p path) bool { return p.name != "loss0" && p.name != "loss20" })
			spec := alone(6*time.Second, cell.Stream{Lane: peer.Unreliable, Hz: 60, Size: 100})
			jobs := over(o, job{work: "W2", beside: 8, tolerance: punctual, spec: spec}, on, []peer.Lane{peer.Unreliable})
			return slices.DeleteFunc(jobs, func(j job) bool { return isVariant(j.peer) }) // the same on this lane
		},
		tables: latencies,
	}
}
