package client_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/server"
)

type (
	order struct {
		What  string
		Count uint16
	}
	receipt struct{ Left int32 }
)

var (
	buyCall  = sim.NewRPC[order, receipt]("buy")
	idleCall = sim.NewRPC[int32, int32]("idle") // that no server handles
)

const noGold = 7

func callGame() *sim.Game[field, move] {
	g := eventGame()
	g.RPCs = []sim.AnyRPC{buyCall, idleCall}
	return g
}

// shop sells, at once or not at all, and lets the buyer's dot know.
func shop(c ctx, w *field, p sim.PlayerID, o order) (receipt, error) {
	d, ok := w.Dots.Of(p)
	switch {
	case !ok || o.What == "bomb":
		return receipt{}, errors.New("a secret of the server")
	case o.Count > 10:
		return receipt{}, &sim.CallError{Code: noGold, Text: "you have no gold"}
	}
	d.Hits += o.Count
	sim.Emit(c, bangEvent, fired{int32(o.Count)}, sim.To(p))
	return receipt{Left: 100 - int32(d.Hits)}, nil
}

// answer is what a CallFunc was told.
type answer struct {
	r   receipt
	err error
	at  time.Duration
}

func buy(m *match, s *seat, o order, timeout time.Duration) *answer {
	m.Helper()
	a := &answer{at: -1}
	if err := client.CallFunc(s.Client, buyCall, o, timeout, func(r receipt, err error) {
		if a.at >= 0 {
			m.Errorf("%+v: told twice", o)
		}
		*a = answer{r, err, m.Now()}
	}); err != nil {
		a.err = err
	}
	return a
}

func TestCall(t *testing.T) {
	m := newMatchOf(t, callGame(), 41, "delay=40ms,loss=5%", 2)
	server.Handle(m.Server, buyCall, shop)
	s := m.Players[0]
	if a := buy(m, s, order{"sword", 3}, 0); a.err == nil {
		t.Error("a call before the match")
	}
	m.Run(time.Second)
	heard := 0
	client.On(s.Client, bangEvent, func(f fired, _ client.EventInfo) { heard++ })
	asked := m.Now()
	sword, many, bomb := buy(m, s, order{"sword", 3}, 0), buy(m, s, order{"sword", 11}, 0), buy(m, s, order{"bomb", 1}, 0)
	idle := errors.New("not told")
	if err := client.CallFunc(s.Client, idleCall, 1, 0, func(_ int32, err error) { idle = err }); err != nil {
		t.Fatal(err)
	}
	m.Run(time.Second)
	if sword.err != nil || sword.r.Left != 97 || sword.at-asked > 500*time.Millisecond {
		t.Errorf("%+v, asked at %v", sword, asked)
	}
	var no *sim.CallError
	if !errors.As(many.err, &no) || no.Code != noGold || no.Text != "you have no gold" {
		t.Errorf("%+v", many)
	}
	if !errors.As(bomb.err, &no) || no.Code != 0 || strings.Contains(no.Text, "secret") {
		t.Errorf("%+v", bomb)
	}
	if !errors.Is(idle, client.ErrNoHandler) || heard != 1 {
		t.Errorf("%v; %d events", idle, heard)
	}
	if st := m.Server.Stats().Calls; st.Answered != 1 || st.Refused != 1 || st.Failed != 1 || st.NoHandler != 1 {
		t.Errorf("%+v", st)
	}
	if err := client.CallFunc(s.Client, sim.NewRPC[int, int]("other"), 1, 0, func(int, error) {}); err == nil {
		t.Error("an RPC of another game")
	}
}

func TestCallDeadline(t *testing.T) {
	m := newMatchOf(t, callGame(), 42, "delay=40ms", 1)
	server.Handle(m.Server, buyCall, shop)
	m.Run(time.Second)
	s := m.Players[0]
	s.SetConditions("loss=100%")
	asked := m.Now()
	a := buy(m, s, order{"sword", 1}, 300*time.Millisecond)
	m.Run(time.Second)
	if took := a.at - asked; !errors.Is(a.err, client.ErrDeadline) || took < 300*time.Millisecond || took > 350*time.Millisecond {
		t.Errorf("%+v after %v", a, took)
	}
	s.SetConditions("delay=40ms")
	m.Run(3 * time.Second) // the late answer is nobody's
	if st := m.Server.Stats().Calls; st.Answered != 1 {
		t.Errorf("%+v", st)
	}
	if b := buy(m, s, order{"sword", 1}, 0); b.err != nil {
		t.Errorf("the next call: %v", b.err)
	}
}

// Who asks too much is told so, at this end or at the other, and stays in the match.
func TestCallsAboveTheRate(t *testing.T) {
	m := newMatchOf(t, callGame(), 43, "delay=10ms", 1)
	server.Handle(m.Server, buyCall, shop)
	m.Run(time.Second)
	s := m.Players[0]
	var all []*answer
	for range 100 {
		all = append(all, buy(m, s, order{"sword", 0}, 0))
	}
	m.Run(2 * time.Second)
	here, there, sold := 0, 0, 0
	for _, a := range all {
		switch {
		case errors.Is(a.err, client.ErrBusy) && a.at < 0:
			here++
		case errors.Is(a.err, client.ErrBusy):
			there++
		case a.err == nil && a.at > 0:
			sold++
		default:
			t.Errorf("%+v", a)
		}
	}
	if here != 36 || sold != 16 || there != 100-36-16 {
		t.Errorf("%d refused here, %d there, %d sold", here, there, sold)
	}
	if st := m.Server.Stats(); st.Calls.Busy != uint64(there) || st.Kicks > 0 || s.Err() != nil {
		t.Errorf("%+v, %d kicks, %v", st.Calls, st.Kicks, s.Err())
	}
}

// A session that ends takes its calls along.
func TestCallLostWithTheSession(t *testing.T) {
	m := newMatchOf(t, callGame(), 44, "delay=40ms", 1)
	m.Run(time.Second)
	s := m.Players[0]
	a := buy(m, s, order{"sword", 1}, time.Minute)
	s.SetConditions("loss=100%")
	m.Run(40 * time.Second)
	if !errors.Is(a.err, client.ErrLost) || s.Err() == nil {
		t.Errorf("%+v, the session: %v", a, s.Err())
	}
	if b := buy(m, s, order{"sword", 1}, 0); !errors.Is(b.err, client.ErrClosed) {
		t.Errorf("a call after the end: %v", b.err)
	}
}

// Over real sockets a goroutine asks and waits, while another plays.
func TestCallAndWait(t *testing.T) {
	srv, err := server.New(callGame(), server.Config{})
	if err != nil {
		t.Fatal(err)
	}
	server.Handle(srv, buyCall, shop)
	addr := run(t, srv)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cl, err := client.Dial(ctx, callGame(), addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	var asking sync.WaitGroup
	asked := make(chan struct{})
	asking.Go(func() {
		defer close(asked)
		if r, err := client.Call(ctx, cl, buyCall, order{"sword", 2}); err != nil || r.Left != 98 {
			t.Errorf("%+v, %v", r, err)
		}
		if _, err := client.Call(ctx, cl, idleCall, 5); !errors.Is(err, client.ErrNoHandler) {
			t.Errorf("no handler: %v", err)
		}
		short, cancel := context.WithTimeout(ctx, time.Nanosecond)
		defer cancel()
		if _, err := client.Call(short, cl, buyCall, order{}); !errors.Is(err, client.ErrDeadline) {
			t.Errorf("in no time: %v", err)
		}
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := client.Call(gone, cl, buyCall, order{}); !errors.Is(err, context.Canceled) && err != nil {
			t.Errorf("cancelled: %v", err)
		}
	})
	play(t, cl, "all answers", func() bool {
		select {
		case <-asked:
			return true
		default:
			return false
		}
	})
	asking.Wait()
}

// A handler that can never be called says which of two mistakes it is.
func TestHandleSaysWhatIsWrong(t *testing.T) {
	m := newMatchOf(t, callGame(), 47, "", 1)
	server.Handle(m.Server, buyCall, shop)
	said := func(handle func()) (text string) {
		defer func() { text = fmt.Sprint(recover()) }()
		handle()
		return ""
	}
	if text := said(func() { server.Handle(m.Server, buyCall, shop) }); !strings.Contains(text, "has a handler already") {
		t.Errorf("a second handler: %s", text)
	}
	other := sim.NewRPC[order, receipt]("other")
	if text := said(func() { server.Handle(m.Server, other, shop) }); !strings.Contains(text, "not in Game.RPCs") {
		t.Errorf("an RPC that the game does not have: %s", text)
	}
}
