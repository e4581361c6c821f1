package replica

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/halftick/halftick/netcode/sim"
)

func TestEventsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := EventHeader{Tick: sim.Tick(rapid.Uint32().Draw(t, "tick")), More: rapid.Bool().Draw(t, "more")}
		b := AppendEventHeader(nil, h)
		var sent []Happening
		for range rapid.IntRange(1, 20).Draw(t, "n") {
			e := Happening{
				Event: rapid.Uint8Range(0, sim.MaxEvents-1).Draw(t, "event"), Source: sim.PlayerID(rapid.Uint8().Draw(t, "source")),
				N: rapid.Uint8().Draw(t, "n"), Body: rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "body"),
			}
			before := len(b)
			b = AppendHappening(b, e)
			if len(b)-before > MaxHappening+len(e.Body) {
				t.Fatalf("%d bytes for a body of %d", len(b)-before, len(e.Body))
			}
			sent = append(sent, e)
		}
		got, all, err := ParseEvents(b, nil)
		if err != nil || got != h || len(all) != len(sent) {
			t.Fatalf("%+v, %d happenings, %v", got, len(all), err)
		}
		for i := range all {
			if !bytes.Equal(all[i].Body, sent[i].Body) {
				t.Fatalf("body %d is %x", i, all[i].Body)
			}
			all[i].Body = sent[i].Body
		}
		if !reflect.DeepEqual(all, sent) {
			t.Fatalf("got %+v, want %+v", all, sent)
		}
	})
}

func TestParseEventsRefuses(t *testing.T) {
	for text, want := range map[string]error{
		"":                          ErrShort,
		"2c010000 00":               ErrShort, // nothing happened
		"2c010000 02 01 07 00 00":   ErrRange, // neither the last nor not
		"2c010000 00 01 07 00":      ErrShort,
		"2c010000 00 01 07 00 02":   ErrShort,
		"2c010000 00 40 07 00 00":   ErrRange, // event 64
		"2c010000 00 01070000 ff":   ErrShort, // a second one, cut off
		"2c010000 00 01070080":      ErrShort, // half a length
		"2c010000 00 010700 ffff7f": ErrShort,
		"2c010000 00 010700 8108" + strings.Repeat("00", 1025): ErrRange, // 1025 bytes
		"2c010000 00 010700 8008" + strings.Repeat("00", 1024): nil,
	} {
		b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if _, all, err := ParseEvents(b, nil); !errors.Is(err, want) || err != nil && len(all) > 0 {
			t.Errorf("%.40s: %v, %v, want %v", text, all, err, want)
		}
	}
}

func TestParseCallsRefuses(t *testing.T) {
	long := make([]byte, sim.MaxCallBytes+1)
	for name, c := range map[string]struct {
		b            []byte
		query, reply error
	}{
		"nothing":           {nil, ErrShort, ErrShort},
		"an id":             {[]byte{1, 2}, ErrShort, ErrShort},
		"rpc 64":            {[]byte{1, 2, 64}, ErrRange, ErrRange},
		"verdict 5":         {[]byte{1, 2, 5}, nil, ErrRange},
		"too long":          {append([]byte{1, 2, 0}, long...), ErrRange, ErrRange},
		"just long enough":  {append([]byte{1, 2, 0}, long[1:]...), nil, nil},
		"refused, no text":  {[]byte{1, 2, 1, 9, 0}, nil, ErrShort},
		"refused, trailing": {[]byte{1, 2, 1, 9, 0, 0, 0}, nil, ErrTrailing},
		"busy":              {[]byte{1, 2, 3}, nil, nil},
		"busy, trailing":    {[]byte{1, 2, 3, 0}, nil, ErrTrailing},
	} {
		if _, err := ParseQuery(c.b); !errors.Is(err, c.query) {
			t.Errorf("%s as a question: %v, want %v", name, err, c.query)
		}
		if _, err := ParseReply(c.b); !errors.Is(err, c.reply) {
			t.Errorf("%s as an answer: %v, want %v", name, err, c.reply)
		}
	}
}

// FuzzEvents: any bytes are refused or say the same when they are written again.
func FuzzEvents(f *testing.F) {
	f.Add(AppendHappening(AppendEventHeader(nil, EventHeader{Tick: 300}), Happening{Event: 1, Source: 7, Body: []byte{0x91, 5}}))
	f.Add(AppendEventHeader(nil, EventHeader{Tick: 1<<32 - 1, More: true}))
	f.Add([]byte{0, 0, 0, 0, 0, 1, 2, 3, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, b []byte) {
		h, all, err := ParseEvents(b, nil)
		if cap(all) > len(b) {
			t.Fatalf("room for %d happenings from %d bytes", cap(all), len(b))
		}
		if err != nil {
			return
		}
		again := AppendEventHeader(nil, h)
		for _, e := range all {
			again = AppendHappening(again, e)
		}
		h2, all2, err := ParseEvents(again, nil)
		if err != nil || h2 != h || !reflect.DeepEqual(all, all2) {
			t.Fatalf("%x and %x differ: %v", b, again, err)
		}
	})
}

// FuzzCalls: any bytes are refused or say the same when they are written again.
func FuzzCalls(f *testing.F) {
	f.Add(AppendQuery(nil, Query{ID: 1, RPC: 2, Body: []byte{0xa1, 'x'}}))
	f.Add(AppendReply(nil, Reply{ID: 1, Verdict: Refused, Code: 7, Text: "no\u202e"}))
	f.Add(AppendReply(nil, Reply{ID: 1, Body: []byte{5}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if q, err := ParseQuery(b); err == nil && !bytes.Equal(AppendQuery(nil, q), b) {
			t.Fatalf("%x became %+v", b, q)
		}
		r, err := ParseReply(b)
		if err != nil {
			return
		}
		again, err := ParseReply(AppendReply(nil, r))
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Fatalf("%+v became %+v, %v", r, again, err)
		}
	})
}
