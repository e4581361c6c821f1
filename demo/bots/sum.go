package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/halftick/halftick/client"
)

// report sums up what all clients went through between begin and end.
func (f *fleet) report() report {
	r := report{Clients: f.opt.n, Connected: len(f.robots), Disconnects: len(f.robots) - f.playing(),
		Seconds: f.ended.Sub(f.began).Seconds(), Transports: map[string]int{},
		RTT: f.rtt.percentiles(), SnapshotGap: f.gaps.extremes()}
	for _, b := range f.robots {
		r.Transports[b.last.Transport]++
		r.Snapshots += b.final.Snapshots - b.start.Snapshots
		r.BytesUp += float64(b.final.BytesUp - b.start.BytesUp)
		r.BytesDown += float64(b.final.BytesDown - b.start.BytesDown)
		r.ReliableSent += b.asked
		r.ReliableDelivered += b.delivered()
		r.ReliableSurplus += b.last.ReliableSurplus
		r.ReliableRTTMax = max(r.ReliableRTTMax, inMS(b.last.ReliableRTTMax.Microseconds()))
		r.Corrections += b.final.Corrections - b.start.Corrections
		r.LateInputs += b.final.LateInputs - b.start.LateInputs
		r.MissedInputs += b.final.MissedInputs - b.start.MissedInputs
	}
	r.ReliableLost = r.ReliableSent - r.ReliableDelivered
	if r.Seconds > 0 {
		r.BytesUp /= r.Seconds
		r.BytesDown /= r.Seconds
	}
	return r
}

// complaints says why clients could not connect or were disconnected, a line for each different reason.
func (f *fleet) complaints() (lines []string) {
	reasons := map[string]int{}
	for _, err := range f.refused {
		reasons["could not connect: "+plain(err)]++
	}
	for _, r := range f.robots {
		if r.gone != nil {
			reasons["disconnected: "+plain(r.gone)]++
		}
	}
	for _, why := range slices.Sorted(maps.Keys(reasons)) {
		lines = append(lines, fmt.Sprintf("%d of %d clients %s", reasons[why], f.opt.n, why))
	}
	return lines
}

// plain words an error without the name of the package it comes from.
func plain(err error) string {
	if errors.Is(err, client.ErrFull) {
		err = client.ErrFull
	}
	return strings.TrimPrefix(err.Error(), "client: ")
}

// ticker writes a line a second.
type ticker struct {
	out      io.Writer
	at       time.Time
	up, down uint64
}

// tick writes the line when it is due.
func (t *ticker) tick(now time.Time, f *fleet) {
	span := now.Sub(t.at).Seconds()
	if span < 1 {
		return
	}
	var up, down, corrections, sent, delivered uint64
	var loss float64
	for _, r := range f.robots {
		up += r.last.BytesUp
		down += r.last.BytesDown
		corrections += r.last.Corrections
		sent += r.last.ReliableSent
		delivered += r.last.ReliableDelivered
		loss = max(loss, r.last.LossOut, r.last.LossIn)
	}
	if t.at.IsZero() {
		t.at, t.up, t.down = now, up, down
		return
	}
	fmt.Fprintf(t.out, "%4.0f s  %d of %d playing  rtt p50 %.1f p99 %.1f ms  loss <= %.1f %%  up %.0f down %.0f kB/s  corrections %d  reliable %d of %d\n",
		now.Sub(f.began).Seconds(), f.playing(), f.opt.n, f.rtt.percentiles().P50, f.rtt.percentiles().P99, 100*loss,
		float64(up-t.up)/span/1e3, float64(down-t.down)/span/1e3, corrections, delivered, sent)
	t.at, t.up, t.down = now, up, down
}
