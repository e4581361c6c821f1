package replica

import (
	"bytes"
	"encoding/hex"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
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
		"refused":  AppendReply(nil, Reply{ID: 258, Verdict: Refused, Code: 9, Text: "no gold"}),
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
