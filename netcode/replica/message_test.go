package replica

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

func TestSnapshotHeaderRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tick := func(name string) sim.Tick { return sim.Tick(rapid.Uint32().Draw(t, name)) }
		h := SnapshotHeader{
			Tick: tick("tick"), HasBase: rapid.Bool().Draw(t, "has"), InputTick: tick("input"),
			Margin: rapid.Int16().Draw(t, "margin"), Flags: SnapshotFlags(rapid.Uint8Range(0, 15).Draw(t, "flags")),
			HasEvents: rapid.Bool().Draw(t, "events"),
		}
		if h.HasEvents {
			h.Events = h.Tick - sim.Tick(rapid.Uint32Range(0, maxEventAge).Draw(t, "age"))
		}
		if h.HasBase {
			h.Base = h.Tick - sim.Tick(rapid.IntRange(0, MaxAge).Draw(t, "age"))
			if h.HasOlder = rapid.Bool().Draw(t, "has older"); h.HasOlder {
				h.Older = h.Base - sim.Tick(rapid.IntRange(1, MaxAge).Draw(t, "gap"))
			}
		}
		b := append(AppendSnapshotHeader(nil, h), "delta"...)
		got, delta, err := ParseSnapshotHeader(b)
		if err != nil || got != h || string(delta) != "delta" {
			t.Fatalf("%+v became %+v, %q, %v", h, got, delta, err)
		}
		for n := range len(b) - len("delta") {
			if _, _, err := ParseSnapshotHeader(b[:n]); !errors.Is(err, ErrShort) {
				t.Fatalf("%d bytes: %v", n, err)
			}
		}
	})
}

// Baselines come in order, and not from before anybody remembers.
func TestSnapshotHeaderRefuses(t *testing.T) {
	for text, why := range map[string]string{
		"80 00 79 00 00":    "a base that is too old",
		"a0 00 01 00 00 00": "an older base that is the base",
		"a0 00 01 79 00 00": "an older base that is too old",
		"20 00 01 00 00":    "an older base without a base",
		"90 00 01 00 00":    "an older base nearby that there is not",
		"10 00 01 00 00":    "bases nearby that there are not",
	} {
		b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if h, _, err := ParseSnapshotHeader(b); !errors.Is(err, ErrRange) {
			t.Errorf("%s: %+v, %v", why, h, err)
		}
	}
}

// The bytes are part of the protocol.
func TestMessageVectors(t *testing.T) {
	h := SnapshotHeader{Tick: 1000, Base: 994, HasBase: true, InputTick: 1003, Margin: -40, Flags: FlagMissed}
	want(t, "header", AppendSnapshotHeader(nil, h), "81 e807 06 06 4f")
	h.Older, h.HasOlder = 978, true
	want(t, "header with an older base nearby", AppendSnapshotHeader(nil, h), "b1 e807 f6 06 4f")
	h.Older = 977
	want(t, "header with one that is not", AppendSnapshotHeader(nil, h), "a1 e807 06 11 06 4f")
	h.HasOlder = false
	h.Events, h.HasEvents = 997, true
	want(t, "header with events", AppendSnapshotHeader(nil, h), "c1 e807 06 06 4f 03")
	h.Events = h.Tick - maxEventAge - 1
	want(t, "header with events of long ago", AppendSnapshotHeader(nil, h), "81 e807 06 06 4f")
	for text, m := range map[string]Control{
		"01 03 416461":         Hello{Name: "Ada"},
		"01 00 04 64756565 03": Hello{Room: "duee", Flags: OpenRoom | HiddenRoom},
		"01 01 41 00 01":       Hello{Name: "A", Flags: OpenRoom},
		"0a 02 7531 03 58595a": Room{Name: "u1", Code: "XYZ"},
		"0b":                   ListRooms{},
		"0c 00":                RoomList{},
		"0c 01 02 7531 03 58595a 07 40 01 76 00 00 ff": RoomList{More: true, Rooms: []ListedRoom{
			{Name: "u1", Code: "XYZ", Players: 7, Max: 64}, {Name: "v", Max: 255}}},
		"02 07 3c 02 0123456789abcdef e8030000 fa00": Welcome{Player: 7, TickRate: 60, SendEvery: 2, Seed: 0xefcdab8967452301, Tick: 1000, RewindCap: 250 * time.Millisecond},
		"03 07 01 03 426f74":                         Joined{Player: 7, Bot: true, Name: "Bot"},
		"04 07 06 6b69636b6564":                      Left{Player: 7, Reason: "kicked"},
		"05 2a000000":                                Probe{N: 42},
		"06 2a000000":                                ProbeEcho{N: 42},
		"07 02 6869":                                 Say{Text: "hi"},
		"08 07 02 6869":                              Said{Player: 7, Text: "hi"},
		"09 01 03 010203":                            Resume{Returned: true, Ticket: []byte{1, 2, 3}},
		"0d":                                         Watch{},
		"0d 02 7531":                                 Watch{Room: "u1"},
		"0e 0300 10270000":                           Audience{Spectators: 3, Delay: 10 * time.Second},
	} {
		want(t, text, AppendControl(nil, m), text)
		got, err := ParseControl(AppendControl(nil, m))
		if err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%+v came back as %+v, %v", m, got, err)
		}
	}
}

func want(t *testing.T, name string, got []byte, text string) {
	t.Helper()
	if b, err := hex.DecodeString(strings.ReplaceAll(text, " ", "")); err != nil || !bytes.Equal(got, b) {
		t.Errorf("%s: got %x, want %s (%v)", name, got, text, err)
	}
}

func TestParseControlRefuses(t *testing.T) {
	for text, want := range map[string]error{
		"":            ErrShort,
		"00":          ErrKind,
		"0a":          ErrShort,
		"0d 02 41":    ErrShort,
		"0f":          ErrKind,
		"01 00 00":    ErrShort, // a room, but no flags
		"01 00 00 04": ErrRange, // an unknown flag
		"01 00 19":    ErrRange, // the name of a room of 25 bytes
		"0a 00 09":    ErrRange, // a code of 9 bytes
		"0b 00":       ErrTrailing,
		"0c 02":       ErrRange,
		"0c 00 00":    ErrShort,
		"0c 00" + strings.Repeat("00 00 00 00", RoomsPerList+1): ErrRange,
		"09":                ErrShort,
		"09 02 00":          ErrRange, // neither returned nor not
		"09 00 81":          ErrRange, // a ticket of 129 bytes
		"09 00 02 07":       ErrShort,
		"01":                ErrShort,
		"01 19":             ErrRange, // a name of 25 bytes
		"01 03 4164":        ErrShort,
		"01 01 41 00 01 00": ErrTrailing,
		"05 2a0000":         ErrShort,
		"04 00 00":          ErrRange, // nobody left
		"03 07 02 00":       ErrRange, // neither bot nor not
		"02 07 00 02 0123456789abcdef e8030000 fa00": ErrRange, // 0 Hz
		"02 07 f1 02 0123456789abcdef e8030000 fa00": ErrRange, // 241 Hz
		"02 07 3c 00 0123456789abcdef e8030000 fa00": ErrRange, // a snapshot every 0 ticks
		"02 07 3c 02 0123456789abcdef e8030000 fa":   ErrShort,
	} {
		b, _ := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
		if m, err := ParseControl(b); !errors.Is(err, want) || m != nil {
			t.Errorf("%s: %v, %v, want %v", text, m, err, want)
		}
	}
}

func TestCleanText(t *testing.T) {
	for in, want := range map[string]string{
		"  Ada  ":                "Ada",
		"a\tb\nc":                "a b c",
		"a\x00\x1b[31mb":         "a[31mb",
		"\u202eevil":             "evil", // right-to-left override
		"a\xffb\xc3":             "ab",
		"日本語日本語日本語":              "日本語日本語日本",
		"twelve and then a lot":  "twelve and then a lot",
		"\u200b":                 "",
		"ends with a blank here": "ends with a blank here",
	} {
		if got := CleanText(in, MaxName); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		top := rapid.IntRange(0, 40).Draw(t, "max")
		once := CleanText(string(rapid.SliceOf(rapid.Byte()).Draw(t, "s")), top)
		if len(once) > top || CleanText(once, top) != once {
			t.Fatalf("%q is not clean", once)
		}
	})
}

func TestTextsAreCutWhenSent(t *testing.T) {
	m, err := ParseControl(AppendControl(nil, Say{strings.Repeat("ü", 300)}))
	if said, ok := m.(Say); err != nil || !ok || said.Text != strings.Repeat("ü", MaxText/2) {
		t.Errorf("%v, %v", m, err)
	}
}

func TestChannels(t *testing.T) {
	want := []session.ChannelKind{ChanControl: session.ReliableOrdered, ChanInput: session.Unreliable, ChanSnapshot: session.Sequenced,
		ChanEvent: session.ReliableOrdered, ChanEffect: session.Unreliable, ChanCall: session.ReliableOrdered}
	for i, c := range Channels() {
		if c.Kind != want[i] {
			t.Errorf("channel %d, %s, is %v", i, c.Name, c.Kind)
		}
	}
	var list RoomList
	for range RoomsPerList {
		list.Rooms = append(list.Rooms, ListedRoom{Name: strings.Repeat("x", MaxRoom), Code: strings.Repeat("x", MaxRoomCode)})
	}
	for _, m := range []Control{Said{Text: strings.Repeat("x", MaxText)}, list} {
		if big := AppendControl(nil, m); len(big) > Channels()[ChanControl].MaxMessage {
			t.Errorf("a control message of %d bytes does not fit its channel", len(big))
		}
	}
}

// FuzzMessages: any bytes are refused or survive being sent on.
func FuzzMessages(f *testing.F) {
	f.Add(AppendControl(nil, Hello{Name: "Ada"}))
	f.Add(AppendControl(nil, Hello{Name: "Ada", Room: "duel", Flags: OpenRoom}))
	f.Add(AppendControl(nil, Resume{Ticket: []byte{1}}))
	f.Add(AppendControl(nil, RoomList{More: true, Rooms: []ListedRoom{{Name: "duel", Code: "XYZ", Max: 2}}}))
	f.Add(AppendControl(nil, Welcome{Player: 1, TickRate: 60, SendEvery: 1}))
	f.Add(AppendControl(nil, Joined{Player: 1, Name: "\u202e", Bot: true}))
	f.Add(AppendControl(nil, Said{Text: "hi"}))
	f.Add(AppendSnapshotHeader(nil, SnapshotHeader{Tick: 9, Base: 3, HasBase: true, Margin: -1}))
	f.Add(AppendSnapshotHeader(nil, SnapshotHeader{Tick: 900, Base: 894, HasBase: true, Older: 888, HasOlder: true}))
	f.Add(AppendSnapshotHeader(nil, SnapshotHeader{Tick: 9, Events: 8, HasEvents: true}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := ParseControl(b); err == nil {
			again, err := ParseControl(AppendControl(nil, m))
			if err != nil || !reflect.DeepEqual(again, m) {
				t.Fatalf("%+v became %+v, %v", m, again, err)
			}
		}
		h, delta, err := ParseSnapshotHeader(b)
		if err != nil {
			return
		}
		again, rest, err := ParseSnapshotHeader(append(AppendSnapshotHeader(nil, h), delta...))
		if err != nil || again != h || !bytes.Equal(rest, delta) {
			t.Fatalf("%+v became %+v, %v", h, again, err)
		}
	})
}
