package main

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/server"
)

// frozenAfter is how long the match may stand still before /livez says that it is dead.
const frozenAfter = 2 * time.Second

// admin is what operators ask: is it alive, does it take players, how is it doing.
//
//	/livez    200 while ticks advance, else 503: restart it
//	/readyz   200 while it takes players, 503 once it is stopping: send it no new ones
//	/metrics  all figures, in the text form of Prometheus
//
// The zero admin has no address and answers nothing.
type admin struct {
	stats    func() server.Stats
	figures  prometheus.Collector
	listener net.Listener // nil without an address
	http     http.Server
	alive    atomic.Bool
	draining atomic.Bool
}

// openAdmin takes the address at once, so that a mistake in it ends the program before the match
// begins. An empty address means no admin pages.
func openAdmin(addr string, m served) (*admin, error) {
	a := &admin{stats: m.stats, figures: m.figures}
	a.alive.Store(true)
	if addr == "" {
		return a, nil
	}
	var err error
	if a.listener, err = net.Listen("tcp", addr); err != nil {
		return nil, cannotListen("-admin", addr, err)
	}
	a.http = http.Server{Handler: a.routes(), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	return a, nil
}

func (a *admin) addr() string {
	if a.listener == nil {
		return ""
	}
	return a.listener.Addr().String()
}

func (a *admin) routes() http.Handler {
	figures := prometheus.NewRegistry()
	figures.MustRegister(a.figures, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, a.alive.Load(), "ticks advance", "no tick for 2 s")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, a.alive.Load() && !a.draining.Load(), "taking players", "not taking players")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(figures, promhttp.HandlerOpts{}))
	return mux
}

func answer(w http.ResponseWriter, ok bool, yes, no string) {
	if !ok {
		http.Error(w, no, http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte(yes + "\n")) // whoever asked may have gone
}

// serve answers, and watches the match, until ctx ends; close ends the answers.
func (a *admin) serve(ctx context.Context) {
	if a.listener == nil {
		return
	}
	go a.watch(ctx)
	go func() { _ = a.http.Serve(a.listener) }() // it ends with close
}

// drain makes /readyz turn players away from now on.
func (a *admin) drain() { a.draining.Store(true) }

func (a *admin) close() { _ = a.http.Close() }

// watch looks at the match four times a second.
func (a *admin) watch(ctx context.Context) {
	beat := time.NewTicker(frozenAfter / 8)
	defer beat.Stop()
	seen := pulse{at: time.Now()}
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-beat.C:
			a.alive.Store(seen.look(a.stats().Tick, now))
		}
	}
}

// pulse remembers when the match moved last.
type pulse struct {
	tick sim.Tick
	at   time.Time
}

// look reports whether ticks advance, given the newest one.
func (p *pulse) look(t sim.Tick, now time.Time) bool {
	if t != p.tick {
		p.tick, p.at = t, now
	}
	return now.Sub(p.at) < frozenAfter
}
