package replica

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/sim"
)

// TestDocumentedBytes holds the examples of docs/protocol.md for this package against the code.
func TestDocumentedBytes(t *testing.T) {
	text, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	made := map[string][]byte{
		"hello":      AppendControl(nil, Hello{Name: "Ann"}),
		"hello-room": AppendControl(nil, Hello{Name: "Ann", Room: "duel", Flags: OpenRoom}),
		"room-list":  AppendControl(nil, RoomList{Rooms: []ListedRoom{{Name: "duel", Code: "K4TWZR", Players: 1, Max: 8}}}),
		"welcome": AppendControl(nil, Welcome{Player: 7, TickRate: 60, SendEvery: 1, Seed: 0x0102030405060708,
			Tick: 100, RewindCap: 250 * time.Millisecond}),
		"snapshot-header":        AppendSnapshotHeader(nil, SnapshotHeader{Tick: 300, Base: 294, HasBase: true, Older: 292, HasOlder: true, InputTick: 302, Margin: 19}),
		"snapshot-header-events": AppendSnapshotHeader(nil, SnapshotHeader{Tick: 300, Start: 294, InputTick: 302, Margin: 19, Events: 298, HasEvents: true}),
		"events": AppendHappening(AppendHappening(AppendEventHeader(nil, EventHeader{Tick: 300}),
			Happening{Event: 1, Source: 7, Body: []byte{0x92, 0x03, 0x05}}), Happening{Event: 2, N: 1, Body: []byte{0xa2, 'h', 'i'}}),
		"audience": AppendControl(nil, Audience{Spectators: 3, Delay: 10 * time.Second}),
		"query":    AppendQuery(nil, Query{ID: 258, RPC: 3, Body: []byte{0x91, 0x05}}),
		"reply":    AppendReply(nil, Reply{ID: 258, Body: []byte{0x11}}),
		"input": documentedInputs(t).Append(nil, SnapshotAck{Tick: 290, Has: true},
			[]Command[documentedInput]{{Tick: 299, Input: documentedInput{Dx: 1}}, {Tick: 300, View: 2, Input: documentedInput{Dx: 1, Fire: true}}}),
		"delta-whole": documentedWorld(t),
		"refused":     AppendReply(nil, Reply{ID: 258, Verdict: Refused, Code: 9, Text: "no gold"}),
	}
	for _, m := range regexp.MustCompile("(?s)```hex replica ([a-z-]+)\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		doc, err := hex.DecodeString(strings.Join(strings.Fields(m[2]), ""))
		if err != nil || !bytes.Equal(doc, made[m[1]]) {
			t.Errorf("example %s is %x in the document (%v), % x in the code", m[1], doc, err, made[m[1]])
		}
		delete(made, m[1])
	}
	for name := range made {
		t.Errorf("example %s is not in the document", name)
	}
}

type (
	documentedInput struct {
		Dx, Dy int8 `net:"range=-1:1"`
		Fire   bool
	}
	documentedRow struct {
		Pos sim.Vec2 `net:"range=0:640,step=1/64"`
		On  bool
	}
	documentedPlay struct {
		Score int16
		Rows  sim.Table[documentedRow]
	}
)

func documentedInputs(t *testing.T) *Inputs[documentedInput] {
	x, err := NewInputs[documentedInput]()
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func documentedWorld(t *testing.T) []byte {
	p, err := NewPlan[documentedPlay]()
	if err != nil {
		t.Fatal(err)
	}
	w, s := p.NewWorld(), p.NewSnapshot()
	w.V.Score = -5
	r := w.V.Rows.Spawn(1)
	r.Pos, r.On = sim.V(320, 240), true
	p.Capture(s, w)
	return p.NewEncoder().Encode(nil, s, nil, nil)
}

// TestDocumentedTrits holds the lengths of codes in docs/protocol.md against the code.
func TestDocumentedTrits(t *testing.T) {
	text, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for unsure, lengths := range tritLengths {
		for i, l := range lengths {
			least := mean(0)
			if i < len(tritSums[unsure]) {
				least = tritSums[unsure][i]
			}
			fmt.Fprintf(&b, "%d %3d %s\n", unsure, least, l)
		}
	}
	if want := "```trits\n" + b.String() + "```"; !strings.Contains(string(text), want) {
		t.Errorf("docs/protocol.md does not have\n%s", want)
	}
}
