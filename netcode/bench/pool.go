//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/halftick/halftick/netcode/bench/cell"
	"github.com/halftick/halftick/netcode/bench/link"
	"github.com/halftick/halftick/netcode/bench/peer"
)

// A job is one run of a cell.
type job struct {
	work, link, peer string
	seed             uint64
	shape            *link.Shape // nil: loopback
	spec             cell.Spec
	beside           int           // such jobs at the same time
	tolerance        time.Duration // how late the link may be before the job is run again
}

func (j job) String() string { return fmt.Sprintf("%s %s %s #%d", j.work, j.link, j.peer, j.seed) }

// A ran is a job that was run.
type ran struct {
	job
	cell.Result
	err error
}

// tries is how often a job is run until its link is in time; the run whose link was least late is kept.
const tries = 3

// runAll runs jobs, which are of one workload, and returns them in their order. Progress goes to standard error.
func runAll(jobs []job, o options) []ran {
	done := make([]ran, len(jobs))
	var wg sync.WaitGroup
	var mu sync.Mutex
	finished, began := 0, time.Now()
	next := make(chan int)
	workers := 1
	if len(jobs) > 0 {
		workers = max(1, min(jobs[0].beside, o.beside))
	}
	for range workers {
		wg.Go(func() {
			for i := range next {
				r := runOften(jobs[i], o)
				mu.Lock()
				done[i] = r
				finished++
				fmt.Fprintf(os.Stderr, "%4.0f s  %d/%d  %s\n", time.Since(began).Seconds(), finished, len(jobs), r.summary())
				mu.Unlock()
			}
		})
	}
	for i := range jobs {
		next <- i
	}
	close(next)
	wg.Wait()
	return done
}

// errLeftOut is why a peer over TCP is not measured on a link that TCP goes past.
var errLeftOut = errors.New("left out: without network namespaces (root, or user namespaces) TCP meets no emulated link")

// runOften runs a job until its link was in time.
func runOften(j job, o options) (best ran) {
	for try := 1; ; try++ {
		r := runOnce(j, o)
		if try == 1 || best.err != nil || r.err == nil && r.Late < best.Late {
			best = r
		}
		if best.err == nil && best.Late <= j.tolerance || best.err == errLeftOut || try == tries {
			return best
		}
		fmt.Fprintf(os.Stderr, "        again: %s\n", r.summary())
	}
}

func runOnce(j job, o options) ran {
	var delay time.Duration
	if j.shape != nil {
		delay = j.shape.Delay
		j.spec.Urgent = true
	}
	if o.profile != "" {
		j.spec.Profile = fmt.Sprintf("%s-%s-%s-%s-%d", o.profile, j.work, j.link, j.peer, j.seed)
	}
	l, err := link.Open(j.shape, j.seed)
	if err != nil {
		return ran{job: j, err: err}
	}
	defer l.Close()
	if row, _ := peer.Find(j.peer); row.OverTCP && !l.CarriesTCP() {
		return ran{job: j, err: errLeftOut}
	}
	r, err := cell.Run(l, j.spec, delay)
	return ran{j, r, err}
}

// summary is a line about a run.
func (r ran) summary() string {
	s := r.String()
	if r.err != nil {
		return s + ": " + r.err.Error()
	}
	for _, f := range append(r.Up, r.Down...) {
		if f.Hz > 0 {
			s += fmt.Sprintf("  %s %s/%s ms", f.Lane, num(f.Latency, 0.5), num(f.Latency, 0.99))
		}
	}
	if r.Bulk > 0 {
		s += fmt.Sprintf("  bulk %.1f Mbit/s", r.Bulk/1e6)
	}
	s += fmt.Sprintf("  late %.1f ms", r.Late.Seconds()*1e3)
	if r.Undrained {
		s += "  not all delivered"
	}
	if r.Order > 0 {
		s += fmt.Sprintf("  %d OUT OF ORDER", r.Order)
	}
	if r.Failed > 0 {
		s += fmt.Sprintf("  %d sends failed", r.Failed)
	}
	for _, n := range r.Notes {
		s += "\n          " + n
	}
	return s
}
