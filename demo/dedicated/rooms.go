package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/server"
)

type hall = server.Hall[arena.World, arena.Input]

// openHall makes -rooms matches, arena-1 and so on, and lets clients open as many more.
func openHall(opt options, cfg server.Config, game *sim.Game[arena.World, arena.Input], films *films, log *slog.Logger) (served, error) {
	h, err := server.ThawHall(game, server.HallConfig[arena.World, arena.Input]{Config: cfg,
		MaxRooms: 2 * opt.rooms, MaxSessions: opt.rooms * opt.maxPlayers, ClientsOpen: true, Crashes: opt.crashes,
		RecordRooms: func(name, _ string) (io.Writer, error) {
			if opt.record == "" || !opt.own(name) {
				return nil, nil // nobody shall fill the disk by opening rooms
			}
			return films.create("-" + name)
		},
		Furnish: func(r *server.Room[arena.World, arena.Input]) {
			_ = bring(r.Server(), opt.bots, cfg.Seed) // flags.go: there is room for them
		}}, opt.freeze)
	if err != nil {
		return served{}, fmt.Errorf("-rooms, -freeze: %w", err)
	}
	thawed := h.Rooms()
	for i := range opt.rooms {
		if h.Find(roomName(i)) != nil {
			continue
		}
		if _, err := h.Open(roomName(i), server.RoomConfig{}); err != nil {
			return served{}, err
		}
	}
	total := func() server.Stats { return totalOf(h) }
	sv := served{game: h, stats: total, figures: newRoomsCollector(opt.name, h)}
	sv.freeze = func() error {
		err := h.Freeze(opt.freeze)
		log.Info("the rooms are frozen", "directory", opt.freeze, "rooms", len(h.Rooms()), "whole", err == nil)
		return err
	}
	if len(thawed) > 0 {
		log.Info("going on with frozen rooms", "rooms", len(thawed))
		sv.listening = func() error { return forget(thawed, opt.freeze) }
	}
	return sv, nil
}

func roomName(i int) string { return fmt.Sprintf("arena-%d", i+1) }

// own reports whether a room of that name is one of the -rooms.
func (o *options) own(name string) bool {
	for i := range o.rooms {
		if name == roomName(i) {
			return true
		}
	}
	return false
}

// forget removes the files of rooms that go on: no match must do so twice.
func forget(rooms []*server.Room[arena.World, arena.Input], dir string) (err error) {
	for _, r := range rooms {
		err = errors.Join(err, os.Remove(filepath.Join(dir, r.Name()+".room")))
	}
	return err
}

// totalOf returns what can be added up over rooms that come and go, and the network's figures. Tick changes while any room ticks.
func totalOf(h *hall) server.Stats {
	st := h.Stats()
	s := st.Matches
	s.Players, s.Bots, s.Sessions, s.Network, s.UDP, s.Streams = st.Players, 0, st.Sessions, st.Network, st.UDP, st.Streams
	for why, n := range st.Dropped {
		s.Dropped[why] += n
	}
	for _, r := range h.Rooms() {
		in := r.Info()
		s.Bots += in.Bots
		s.Tick += in.Tick
	}
	return s
}

// roomsCollector is the collector of many rooms. Those that the program opened have a label each, -rooms of them; what clients
// open is other, so that nobody can make labels.
type roomsCollector struct {
	hall     *hall
	shared   collector
	rooms    *prometheus.Desc
	fates    *prometheus.Desc
	players  *prometheus.Desc
	ticks    *prometheus.Desc
	overruns *prometheus.Desc
}

func newRoomsCollector(name string, h *hall) *roomsCollector {
	c := newCollector(name, func() server.Stats { return totalOf(h) })
	c.rows = summed()
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("halftick_"+name, help, labels, nil)
	}
	return &roomsCollector{hall: h, shared: *c,
		rooms:    desc("rooms", "Rooms now, by state: open, or stuck, with a goroutine that cannot be stopped.", "state"),
		fates:    desc("rooms_total", "Rooms since the start, by what became of them.", "fate"),
		players:  desc("room_players", "Players in a room, bots included.", "room"),
		ticks:    desc("room_tick_seconds", "Time that a tick took, sending included, over the last 10 s; of several rooms the longest.", "room", "quantile"),
		overruns: desc("room_overruns", "Times that ticks of a room were given up, of rooms that are open.", "room"),
	}
}

// Describe sends what Collect can send.
func (c *roomsCollector) Describe(ch chan<- *prometheus.Desc) {
	c.shared.Describe(ch)
	for _, d := range []*prometheus.Desc{c.rooms, c.fates, c.players, c.ticks, c.overruns} {
		ch <- d
	}
}

// roomFigures are those of one label.
type roomFigures struct {
	players  int
	p50, p99 float64
	overruns uint64
}

// Collect sends the figures of one moment.
func (c *roomsCollector) Collect(ch chan<- prometheus.Metric) {
	c.shared.Collect(ch)
	put := func(d *prometheus.Desc, kind prometheus.ValueType, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, kind, v, labels...)
	}
	st := c.hall.Stats()
	put(c.rooms, prometheus.GaugeValue, float64(st.Rooms), "open")
	put(c.rooms, prometheus.GaugeValue, float64(st.Stuck), "stuck")
	for fate, n := range map[string]uint64{"opened": st.Opened, "closed": st.Closed, "failed": st.Failed, "given_up": st.GivenUp, "saved": st.Crashes} {
		put(c.fates, prometheus.CounterValue, float64(n), fate)
	}
	for label, f := range c.byRoom() {
		put(c.players, prometheus.GaugeValue, float64(f.players), label)
		put(c.ticks, prometheus.GaugeValue, f.p50, label, "0.5")
		put(c.ticks, prometheus.GaugeValue, f.p99, label, "0.99")
		put(c.overruns, prometheus.GaugeValue, float64(f.overruns), label)
	}
}

func (c *roomsCollector) byRoom() map[string]roomFigures {
	all := map[string]roomFigures{}
	for _, r := range c.hall.Rooms() {
		in, label := r.Info(), "other"
		if !in.Brief {
			label = in.Name
		}
		f := all[label]
		f.players += in.Players
		f.p50 = max(f.p50, in.TickTime.P50.Seconds())
		f.p99 = max(f.p99, in.TickTime.P99.Seconds())
		f.overruns += r.Stats().Overruns
		all[label] = f
	}
	return all
}
