package main

import (
	"time"

	"github.com/halftick/halftick/demo/play/match"
	"github.com/halftick/halftick/demo/play/ui"
)

// sampleEvery is the time between two samples of the charts: 180 of them show nine seconds.
const sampleEvery = 50 * time.Millisecond

// showEvery is the number of samples between two renewals of the numbers: a quarter of a second.
const showEvery = 5

// Places of the charts on the screen, from above.
const (
	chartRTT = iota
	chartJitter
	chartLoss
	chartInterp
	chartMargin
	chartCorrections
	chartDown
	chartUp
)

// Of who only watches, who has no inputs that could come late and predicts nothing that could be wrong.
const (
	chartBehind    = chartMargin
	chartSnapshots = chartCorrections
)

// meters turn the client's counters into chart samples.
type meters struct {
	charts []ui.Chart
	watch  bool        // the charts are those of who only watches
	shown  []string    // the numbers beside the charts; renewed less often, so that they can be read
	recent [10]reading // newest first
	count  int         // samples taken
}

// reading is the counters at one moment.
type reading struct {
	at                     time.Duration
	rtt, jitter, interp    time.Duration
	behind                 time.Duration // what is shown to who watches, behind what happened
	lossOut, lossIn        float64       // 0 to 1
	margin                 float64       // ticks
	snapshots, corrections uint64        // since the connection began
	down, up               uint64        // likewise, bytes
}

// read takes the counters of the match.
func read(m *match.Match) reading {
	s := m.Stats()
	return reading{
		rtt: s.RTT, jitter: s.Jitter, interp: s.InterpDelay, lossOut: s.LossOut, lossIn: s.LossIn,
		behind: m.Behind(), margin: s.InputMargin, snapshots: s.Snapshots, corrections: s.Corrections,
		down: s.BytesDown, up: s.BytesUp,
	}
}

// newMeters returns the meters of who plays, or of who only watches.
func newMeters(watch bool) meters {
	m := meters{watch: watch, charts: []ui.Chart{
		chartRTT:         {Label: "round trip (RTT)", Unit: "ms", Floor: 20},
		chartJitter:      {Label: "jitter", Unit: "ms", Floor: 5, Digits: 1},
		chartLoss:        {Label: "packet loss", Unit: "%", Floor: 5, Warn: 2, Digits: 1},
		chartInterp:      {Label: "interpolation delay", Unit: "ms", Floor: 50},
		chartMargin:      {Label: "input buffer at server", Unit: "ticks", Floor: 2, Signed: true, Below: true, Digits: 1},
		chartCorrections: {Label: "corrections", Unit: "/s", Floor: 5, Warn: 1, Digits: 1},
		chartDown:        {Label: "received", Unit: "kB/s", Floor: 5, Digits: 1},
		chartUp:          {Label: "sent", Unit: "kB/s", Floor: 5, Digits: 1},
	}}
	if watch {
		m.charts[chartBehind] = ui.Chart{Label: "behind the players", Unit: "s", Floor: 1, Digits: 2}
		m.charts[chartSnapshots] = ui.Chart{Label: "snapshots", Unit: "/s", Floor: 50}
	}
	m.shown = make([]string, len(m.charts))
	return m
}

// sample takes a reading when one is due. Rates are those of the last half second: of a few packets in
// a fiftieth of a second there is nothing to be read.
func (m *meters) sample(now time.Duration, r reading) {
	if now-m.recent[0].at < sampleEvery {
		return
	}
	r.at = now
	before := m.recent[len(m.recent)-1]
	copy(m.recent[1:], m.recent[:])
	m.recent[0] = r
	ms := func(d time.Duration) float32 { return float32(d.Seconds() * 1000) }
	perSecond := func(now, then uint64) float32 {
		if now < then { // the counters began anew, with a new session
			return 0
		}
		return float32(float64(now-then) / (r.at - before.at).Seconds())
	}
	push := func(i int, v float32) { m.charts[i].Series.Push(v) }
	push(chartRTT, ms(r.rtt))
	push(chartJitter, ms(r.jitter))
	push(chartLoss, float32(max(r.lossIn, r.lossOut)*100))
	push(chartInterp, ms(r.interp))
	if m.watch {
		push(chartBehind, float32(r.behind.Seconds()))
		push(chartSnapshots, perSecond(r.snapshots, before.snapshots))
	} else {
		push(chartMargin, float32(r.margin))
		push(chartCorrections, perSecond(r.corrections, before.corrections))
	}
	push(chartDown, perSecond(r.down, before.down)/1000)
	push(chartUp, perSecond(r.up, before.up)/1000)
	m.show()
}

// show renews the numbers beside the charts.
func (m *meters) show() {
	m.count++
	if m.count%showEvery != 1 {
		return
	}
	for i := range m.charts {
		m.shown[i] = m.charts[i].Value()
	}
}
