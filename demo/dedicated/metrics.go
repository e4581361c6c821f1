package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/server"
)

// collector turns the match's figures into metrics at the moment they are asked for: the tick loop
// pays nothing for them.
type collector struct {
	stats func() server.Stats
	rows  []row
	info  prometheus.Metric
}

// A row is one metric: the figures it shows, one for each value of its label, or one without.
type row struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	show func(s *server.Stats, put put)
}

// put emits one figure, with the label's value when the row has a label.
type put func(value float64, label ...string)

func newCollector(name string, stats func() server.Stats) *collector {
	info := prometheus.NewDesc("halftick_info", "Always 1; names this server.", nil, prometheus.Labels{"name": name})
	return &collector{stats: stats, rows: rows(), info: prometheus.MustNewConstMetric(info, prometheus.GaugeValue, 1)}
}

// Describe sends what Collect can send.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.info.Desc()
	for _, r := range c.rows {
		ch <- r.desc
	}
}

// Collect sends the figures of one moment.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	s := c.stats()
	ch <- c.info
	for _, r := range c.rows {
		r.show(&s, func(v float64, label ...string) {
			ch <- prometheus.MustNewConstMetric(r.desc, r.kind, v, label...)
		})
	}
}

func counter(name, help string, show func(*server.Stats, put), label ...string) row {
	return row{prometheus.NewDesc("halftick_"+name, help, label, nil), prometheus.CounterValue, show}
}

func gauge(name, help string, show func(*server.Stats, put), label ...string) row {
	return row{prometheus.NewDesc("halftick_"+name, help, label, nil), prometheus.GaugeValue, show}
}

// rows lists every metric of a match.
func rows() []row {
	return append(summed(),
		counter("ticks_total", "Ticks executed.", func(s *server.Stats, put put) { put(float64(s.Tick)) }),
		gauge("tick_seconds", "Time that a tick took, sending included, over the last 10 s.", tickSeconds, "quantile"),
	)
}

// summed lists those that can be added up over matches, in the order of the route: sessions, inputs, snapshots.
func summed() []row {
	return []row{
		gauge("players", "Players in the match, or in all rooms, by kind.", players, "kind"),
		gauge("sessions", "Sessions open now, by state: joined, or still entering or leaving.", sessions, "state"),
		counter("sessions_total", "Sessions since the start, by what became of them.", sessionsTotal, "fate"),
		gauge("streams", "TCP and WebSocket peers now, by state: open, or pending, without a session yet.", streams, "state"),
		counter("joins_total", "Players that joined.", func(s *server.Stats, put put) { put(float64(s.Joins)) }),
		counter("leaves_total", "Players that left.", func(s *server.Stats, put put) { put(float64(s.Leaves)) }),
		counter("kicks_total", "Players that were kicked.", func(s *server.Stats, put put) { put(float64(s.Kicks)) }),
		counter("turned_away_total", "Clients that found the match full of players.", func(s *server.Stats, put put) { put(float64(s.TurnedAway)) }),
		counter("packets_total", "Datagrams and records, by direction.", packets, "direction"),
		counter("bytes_total", "Bytes of datagrams and records without IP headers, by direction.", bytesTotal, "direction"),
		counter("dropped_total", "Parts of the input that were thrown away, by layer and reason.", dropped, "layer", "reason"),
		counter("inputs_total", "Commands received from players, by fate.", inputs, "fate"),
		counter("input_ticks_total", "Player-ticks, by the input they were executed with.", inputTicks, "input"),
		counter("overruns_total", "Times that ticks were given up because the machine was too slow.", func(s *server.Stats, put put) { put(float64(s.Overruns)) }),
		counter("overrun_seconds_total", "Time given up in overruns.", func(s *server.Stats, put put) { put(s.OverrunTime.Seconds()) }),
		counter("rewinds_total", "Past worlds built to judge a hit in.", func(s *server.Stats, put put) { put(float64(s.Rewinds)) }),
		counter("rewinds_capped_total", "Rewinds that a limit cut short.", func(s *server.Stats, put put) { put(float64(s.Capped)) }),
		counter("snapshots_total", "Snapshots due to clients, by fate.", snapshots, "fate"),
		counter("snapshots_full_total", "Of the sent ones: without a baseline.", func(s *server.Stats, put put) { put(float64(s.Snapshots.Full)) }),
		counter("snapshot_base_age_ticks_total", "Ticks from the base to the snapshot, summed over those with a baseline: by them (sent less full) their mean age.", func(s *server.Stats, put put) { put(float64(s.Snapshots.BaseAge)) }),
		counter("rows_total", "Changed rows of snapshots made for one client, by fate.", rowsTotal, "fate"),
		counter("events_total", "Events of the game, by fate.", events, "fate"),
		counter("events_withheld_total", "Events for some alone that a client was not told of: more of one source than one is told of.", func(s *server.Stats, put put) { put(float64(s.Events.Withheld)) }),
		counter("calls_total", "Questions of clients, by fate.", calls, "fate"),
		gauge("players_away", "Players whose session was lost, who may come back.", func(s *server.Stats, put put) { put(float64(s.Away)) }),
		counter("returns_total", "Players that came back.", func(s *server.Stats, put put) { put(float64(s.Returns)) }),
		counter("recorded_bytes_total", "Bytes of the replay file.", func(s *server.Stats, put put) { put(float64(s.Recording.Bytes)) }),
		counter("recording_gaps_total", "Times that the replay file could not be written in time.", func(s *server.Stats, put put) { put(float64(s.Recording.Gaps)) }),
		counter("snapshot_bytes_total", "Bytes of the sent snapshots.", func(s *server.Stats, put put) { put(float64(s.Snapshots.Bytes)) }),
	}
}

func players(s *server.Stats, put put) {
	put(float64(s.Players-s.Bots), "human")
	put(float64(s.Bots), "bot")
}

func sessions(s *server.Stats, put put) {
	joined := s.Players - s.Bots
	put(float64(joined), "joined")
	put(float64(max(0, s.Sessions-joined)), "entering")
}

func streams(s *server.Stats, put put) {
	put(float64(s.Streams.Open-s.Streams.Pending), "open")
	put(float64(s.Streams.Pending), "pending")
}

func sessionsTotal(s *server.Stats, put put) {
	put(float64(s.Network.Opened), "opened")
	put(float64(s.Network.Refused), "refused")
	put(float64(s.Network.Closed), "closed")
}

func packets(s *server.Stats, put put) {
	put(float64(s.Network.PacketsReceived), "in")
	put(float64(s.Network.PacketsSent), "out")
}

func bytesTotal(s *server.Stats, put put) {
	put(float64(s.Network.BytesReceived), "in")
	put(float64(s.Network.BytesSent), "out")
}

func dropped(s *server.Stats, put put) {
	for r, n := range s.Network.Drops {
		put(float64(n), "session", session.DropReason(r).String())
	}
	for r, n := range s.Dropped {
		put(float64(n), "server", server.Drop(r).String())
	}
	for reason, n := range map[string]uint64{
		"refused_addr": s.Streams.RefusedAddr, "refused_total": s.Streams.RefusedTotal, "silent": s.Streams.Silent,
		"unopened": s.Streams.Unopened, "slow": s.Streams.Slow, "stalled": s.Streams.Stalled,
		"oversize": s.Streams.Oversize, "empty": s.Streams.Empty, "truncated": s.Streams.Truncated,
		"refused_origin": s.Streams.RefusedOrigin, "malformed": s.Streams.Malformed, "flooded": s.Streams.Flooded,
		"overrun": s.Streams.Overrun, "accept": s.Streams.AcceptErrors,
	} {
		put(float64(n), "stream", reason)
	}
	put(float64(s.UDP.Overflowed), "udp", "buffer_full")
	put(float64(s.UDP.Refused), "udp", "refused")
}

func inputs(s *server.Stats, put put) {
	put(float64(s.Inputs.Accepted), "accepted")
	put(float64(s.Inputs.Duplicate), "duplicate")
	put(float64(s.Inputs.Late), "late")
	put(float64(s.Inputs.Early), "early")
}

func inputTicks(s *server.Stats, put put) {
	put(float64(s.Inputs.Executed), "own")
	put(float64(s.Inputs.Repeated), "repeated")
	put(float64(s.Inputs.Missing-s.Inputs.Repeated), "neutral")
}

func tickSeconds(s *server.Stats, put put) {
	put(s.TickTime.P50.Seconds(), "0.5")
	put(s.TickTime.P99.Seconds(), "0.99")
	put(s.TickTime.Max.Seconds(), "1")
}

func snapshots(s *server.Stats, put put) {
	put(float64(s.Snapshots.Sent), "sent")
	put(float64(s.Snapshots.NoBudget), "no_budget")
	put(float64(s.Snapshots.Held), "held")
	put(float64(s.Snapshots.Refused), "refused")
}

func rowsTotal(s *server.Stats, put put) {
	put(float64(s.Snapshots.RowsSent), "sent")
	put(float64(s.Snapshots.RowsStale), "stale")
	put(float64(s.Snapshots.RowsHidden), "hidden")
}

func events(s *server.Stats, put put) {
	put(float64(s.Events.Emitted), "emitted")
	put(float64(s.Events.Flood), "flood")
	put(float64(s.Events.Refused), "refused")
	put(float64(s.Events.Unknown), "unknown")
}

func calls(s *server.Stats, put put) {
	put(float64(s.Calls.Answered), "answered")
	put(float64(s.Calls.Refused), "refused")
	put(float64(s.Calls.Failed), "failed")
	put(float64(s.Calls.Busy), "busy")
	put(float64(s.Calls.NoHandler), "no_handler")
	put(float64(s.Calls.Unread), "unread")
	put(float64(s.Calls.Stale), "stale")
}
