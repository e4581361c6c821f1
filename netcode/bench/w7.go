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

// What a message of W7 is, and what is no transport's fault: the headers of IP and UDP in one packet each.
const (
	shortMessage = 32
	shortHz      = 60
	headers      = 20 + 8
)

func w7() workload {
	return workload{
		name: "W7", title: "what a short message costs",
		text: fmt.Sprintf("Client and server send %d messages of %d B a second to each other, 25 ms each way, nothing lost. What is sent besides those bytes, for each message: all IP bytes of that direction, less the message and one header of IP and UDP. Acknowledgements, tags and further packets are in it.", shortHz, shortMessage),
		plan: func(o options) (jobs []job) {
			for _, lane := range []peer.Lane{peer.Unreliable, peer.Reliable} {
				template := job{work: "W7", beside: 8, tolerance: punctual}
				stream := []cell.Stream{{Lane: lane, Hz: shortHz, Size: shortMessage}}
				template.spec = cell.Spec{Conns: 1, Up: stream, Down: stream, Warm: time.Second, Run: 4 * time.Second, Drain: time.Second}
				for _, j := range over(o, template, paths()[:1], []peer.Lane{lane}) { // over loopback both directions are counted as one
					if j.link = lane.String(); !isVariant(j.peer) {
						jobs = append(jobs, j)
					}
				}
			}
			return jobs
		},
		tables: short32,
	}
}

func short32(cells []ran) string {
	t := report.NewTable("peer", "lane", "bytes up besides the message", "down", "packets up per message", "down", "runs")
	for _, g := range groups(cells) {
		if len(g.runs) == 0 {
			t.Row(g.peer, g.link, g.why, "", "", "", 0)
			continue
		}
		packets := func(end int) float64 {
			return g.median(func(r ran) float64 { return float64(r.Offered[end].Packets) / float64(sentFrom(r, end)) })
		}
		t.Row(g.peer, g.link, g.median(besides(link.Client)), g.median(besides(link.Server)), packets(link.Client), packets(link.Server), g.count())
	}
	return t.String()
}

// sentFrom returns how many messages an end sent.
func sentFrom(r ran, end int) int {
	if end == link.Client {
		return r.Up[0].Sent
	}
	return r.Down[0].Sent
}

// besides returns what an end sent for each message besides that and the headers of one packet, in bytes.
func besides(end int) func(ran) float64 {
	return func(r ran) float64 {
		return float64(r.Offered[end].Bytes)/float64(sentFrom(r, end)) - shortMessage - headers
	}
}
