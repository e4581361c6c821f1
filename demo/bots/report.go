package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// report is what the clients went through, from when all had connected. Counts and rates are those of
// all clients together; bytes are those of datagrams and records, without IP headers.
type report struct {
	Clients     int            `json:"clients"`
	Connected   int            `json:"connected"`
	Disconnects int            `json:"disconnects"`
	Seconds     float64        `json:"seconds"`
	Transports  map[string]int `json:"transports"`

	RTT         percentiles `json:"rtt_ms"`
	Snapshots   uint64      `json:"snapshots"`
	SnapshotGap extremes    `json:"snapshot_gap_ms"`

	BytesUp   float64 `json:"bytes_up_per_s"`
	BytesDown float64 `json:"bytes_down_per_s"`

	ReliableSent      uint64  `json:"reliable_sent"`
	ReliableDelivered uint64  `json:"reliable_delivered"`
	ReliableLost      uint64  `json:"reliable_lost"`
	ReliableSurplus   uint64  `json:"reliable_surplus"` // delivered twice
	ReliableRTTMax    float64 `json:"reliable_rtt_ms_max"`

	Corrections  uint64 `json:"corrections"`
	LateInputs   uint64 `json:"late_inputs"`
	MissedInputs uint64 `json:"missed_inputs"`
}

type percentiles struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
}

type extremes struct {
	percentiles
	Max float64 `json:"max"`
}

// failed reports whether this is something that a run should not show.
func (r *report) failed() bool {
	return r.Connected < r.Clients || r.Disconnects > 0 || r.ReliableLost > 0 || r.ReliableSurplus > 0
}

// carriers words what the clients are connected over: " (3 udp, 1 tcp)".
func (r *report) carriers() string {
	var each []string
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(r.Transports))) {
		each = append(each, fmt.Sprintf("%d %s", r.Transports[name], name))
	}
	if each == nil {
		return ""
	}
	return " (" + strings.Join(each, ", ") + ")"
}

func (r *report) writeJSON(w io.Writer) {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // numbers and words always marshal
	}
	fmt.Fprintf(w, "%s\n", b)
}

func (r *report) writeText(w io.Writer) {
	fmt.Fprintf(w, "clients    %d connected of %d%s, %d disconnected, %.1f s\n", r.Connected, r.Clients, r.carriers(), r.Disconnects, r.Seconds)
	if r.Connected == 0 {
		return // the rest would be zeros
	}
	fmt.Fprintf(w, "rtt        p50 %.1f ms, p99 %.1f ms\n", r.RTT.P50, r.RTT.P99)
	fmt.Fprintf(w, "snapshots  %d; gap p50 %.1f ms, p99 %.1f ms, max %.1f ms\n", r.Snapshots, r.SnapshotGap.P50, r.SnapshotGap.P99, r.SnapshotGap.Max)
	fmt.Fprintf(w, "bytes      up %.1f kB/s, down %.1f kB/s\n", r.BytesUp/1e3, r.BytesDown/1e3)
	fmt.Fprintf(w, "reliable   %d sent, %d delivered, %d lost, slowest %.1f ms\n", r.ReliableSent, r.ReliableDelivered, r.ReliableLost, r.ReliableRTTMax)
	fmt.Fprintf(w, "prediction %d corrections, %d late inputs, %d missed\n", r.Corrections, r.LateInputs, r.MissedInputs)
}
