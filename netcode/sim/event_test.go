package sim

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/halftick/halftick/netcode/msg"
)

type hit struct {
	Whom  PlayerID
	Force float32
}

var (
	hitEvent  = NewEvent[hit]("hit", Predicted)
	noteEvent = NewEvent[string]("note", Reliable)
	buyRPC    = NewRPC[string, int]("buy")
)

type sink struct {
	got  []Emission
	hits []hit
}

func (s *sink) take(m Emission) {
	var h hit
	if m.Event == hitEvent.Type() && m.Err == nil {
		m.Err = hitEvent.Decode(m.Body, &h)
	}
	s.hits = append(s.hits, h)
	s.got = append(s.got, m)
}

func TestEmit(t *testing.T) {
	var c Ctx[testWorld, int]
	var s sink
	c.Begin(&testWorld{}, Frame[testWorld, int]{TickRate: 60})
	Emit(&c, hitEvent, hit{}) // nobody wants to know
	c.Begin(&testWorld{}, Frame[testWorld, int]{TickRate: 60, Emit: s.take})
	Emit(&c, hitEvent, hit{2, 1.5}, By(7), To(3))
	Emit(&c, noteEvent, "hello")
	if len(s.got) != 2 || s.got[0].Source != 7 || s.got[0].To != 3 || s.hits[0] != (hit{2, 1.5}) || s.got[0].Err != nil {
		t.Fatalf("%+v, %+v", s.got, s.hits)
	}
	if m := s.got[1]; m.Event != noteEvent.Type() || m.Source != 0 || m.To != 0 {
		t.Errorf("the note: %+v", m)
	}
}

// An engine that predicts hears what it could show at once, and nothing else.
func TestEmitWherePredicted(t *testing.T) {
	var c Ctx[testWorld, int]
	var s sink
	c.Begin(&testWorld{}, Frame[testWorld, int]{TickRate: 60, Emit: s.take, Local: 7})
	Emit(&c, hitEvent, hit{Whom: 1}, By(7))
	Emit(&c, hitEvent, hit{Whom: 2}, By(8))
	Emit(&c, hitEvent, hit{Whom: 3})
	Emit(&c, noteEvent, "not predicted", By(7))
	if len(s.got) != 1 || s.hits[0].Whom != 1 {
		t.Errorf("%+v", s.got)
	}
}

func TestEmitWhatCannotTravel(t *testing.T) {
	var c Ctx[testWorld, int]
	var s sink
	c.Begin(&testWorld{}, Frame[testWorld, int]{TickRate: 60, Emit: s.take})
	Emit(&c, hitEvent, hit{Force: float32(math.NaN())})
	Emit(&c, noteEvent, strings.Repeat("x", MaxEventBytes))
	if len(s.got) != 2 || !errors.Is(s.got[0].Err, msg.ErrNumber) || !errors.Is(s.got[1].Err, ErrEventSize) {
		t.Errorf("%+v", s.got)
	}
}

func TestEmitAllocatesNothing(t *testing.T) {
	var c Ctx[testWorld, int]
	bytes := 0
	take := func(m Emission) { bytes += len(m.Body) }
	c.Begin(&testWorld{}, Frame[testWorld, int]{TickRate: 60, Emit: take})
	n := testing.AllocsPerRun(200, func() { Emit(&c, hitEvent, hit{2, 1.5}, By(7), To(3)) })
	if n != 0 || bytes == 0 {
		t.Errorf("%v allocations for %d bytes", n, bytes)
	}
}

func TestKinds(t *testing.T) {
	g := func(events []AnyEvent, rpcs []AnyRPC) *Game[testWorld, int32] {
		return &Game[testWorld, int32]{Name: "g", Step: func(*Ctx[testWorld, int32], *testWorld) {}, Events: events, RPCs: rpcs}
	}
	ok := g([]AnyEvent{hitEvent, noteEvent}, []AnyRPC{buyRPC})
	if err := ok.Validate(); err != nil {
		t.Error(err)
	}
	const want = "event hit predicted {Whom uint8 Force float32}\nevent note reliable string\nrpc buy string -> int\n"
	if got := ok.Messages(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for why, bad := range map[string]*Game[testWorld, int32]{
		"two kinds":   g([]AnyEvent{hitEvent, hitEvent}, nil),
		"a name":      g([]AnyEvent{NewEvent[hit]("", Reliable)}, nil),
		"func":        g([]AnyEvent{NewEvent[func()]("f", Reliable)}, nil),
		"delivery":    g([]AnyEvent{NewEvent[hit]("h", 9)}, nil),
		"at most 64":  g(make([]AnyEvent, 65), nil),
		"is a chan":   g(nil, []AnyRPC{NewRPC[chan int, int]("c")}),
		"named \"buy": g(nil, []AnyRPC{buyRPC, NewRPC[int, int]("buy")}),
	} {
		if err := bad.Validate(); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", why, err)
		}
	}
}

func TestCalls(t *testing.T) {
	q, r := "sword", 17
	b, err := buyRPC.AppendQuery(nil, &q)
	var back string
	if err != nil || buyRPC.DecodeQuery(b, &back) != nil || back != q {
		t.Errorf("question %x, %v, %q", b, err, back)
	}
	b, err = buyRPC.AppendReply(nil, &r)
	var got int
	if err != nil || buyRPC.DecodeReply(b, &got) != nil || got != r {
		t.Errorf("answer %x, %v, %d", b, err, got)
	}
	long := strings.Repeat("x", MaxCallBytes)
	if _, err := buyRPC.AppendQuery(nil, &long); !errors.Is(err, ErrCallSize) {
		t.Errorf("a long question: %v", err)
	}
}
