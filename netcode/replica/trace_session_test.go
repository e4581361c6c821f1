package replica_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/matchtest"
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// idle is the input of somebody who only watches.
type idle struct{ Key bool }

// BenchmarkAsteroidSession is a player who watches the asteroids: real server, session and client at 60 frames a second over paths of some delays, in
// virtual time. It reports all that was on the wire, IPv4 and UDP included, and how old bases were.
func BenchmarkAsteroidSession(b *testing.B) {
	for _, path := range []string{"delay=1ms", "delay=10ms", "delay=20ms", "delay=33ms", "delay=33ms,jitter=3ms", "delay=33ms,jitter=5ms,loss=2%", "delay=50ms"} {
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				watchAsteroids(b, path)
			}
		})
	}
}

func watchAsteroids(b *testing.B, path string) {
	const warm, seconds = 20 * time.Second, 10
	field := replica.NewAsteroids()
	game := &sim.Game[replica.Asteroids, idle]{Name: "asteroids", TickRate: replica.AsteroidRate, Init: field.Start, //netvet:ok only one machine computes this match
		Step: func(_ *sim.Ctx[replica.Asteroids, idle], w *replica.Asteroids) { field.Step(w) }} //netvet:ok likewise
	m := matchtest.New(b, game, matchtest.Options{Seed: 1, Conditions: path})
	p := m.Join(nil)
	p.Frame = time.Second / 60
	m.Run(warm)
	var up, down int
	before := m.Server.Stats().Snapshots
	m.Tap = func(from netip.AddrPort, rec []byte) {
		if from == m.Addr() {
			down += len(rec) + replica.IPUDP
		} else {
			up += len(rec) + replica.IPUDP
		}
	}
	m.Run(seconds * time.Second)
	after := m.Server.Stats().Snapshots
	n := float64(after.Sent - before.Sent)
	b.ReportMetric(float64(down)/seconds/1000, "kB/s-down")
	b.ReportMetric(float64(up)/seconds/1000, "kB/s-up")
	b.ReportMetric(float64(after.Bytes-before.Bytes)/n, "B/snapshot")
	b.ReportMetric(n/seconds, "snapshots/s")
	b.ReportMetric(float64(after.BaseAge-before.BaseAge)/n, "base-ticks")
}
