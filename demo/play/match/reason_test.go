package match

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/server"
)

func TestPlainReasons(t *testing.T) {
	closed := func(e session.CloseError) error { return &client.ClosedError{Reason: e.Error(), Err: &e} }
	attempt := func(by session.Carrier, err error) netcode.Attempt {
		return netcode.Attempt{Path: session.Path{Carrier: by}, Err: err}
	}
	silent := &session.CloseError{Code: session.CloseNoAnswer}
	dial := func(all ...netcode.Attempt) error { return &netcode.DialError{Addr: "h:1", Attempts: all} }
	old := &session.CloseError{Code: session.CloseRefused, Refusal: session.RefusedDuplicate}
	for want, err := range map[string]error{
		"the server has stopped answering":   closed(session.CloseError{Code: session.CloseTimeout}),
		"the server was stopped":             closed(session.CloseError{Code: session.CloseShutdown, Remote: true}),
		`the server ended it: "no cheating"`: closed(session.CloseError{Code: session.CloseKicked, Remote: true, Reason: "no cheating"}),
		"the server is full":                 closed(session.CloseError{Code: session.CloseRefused, Refusal: session.RefusedFull}),
		"something else":                     errors.New("client: something else"),
		"the server was started again":       closed(session.CloseError{Code: session.CloseRestarted}),
		"no answer over UDP and WS, no server there over TCP": dial(attempt(session.UDP, silent), attempt(session.UDP, silent),
			attempt(session.TCP, syscall.ECONNREFUSED), attempt(session.WS, nil)),
		"broken over TCP": dial(attempt(session.TCP, errors.New("broken"))),
		old.Error():       dial(attempt(session.UDP, silent), attempt(session.TCP, old)),
	} {
		if got := plain(err); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}

// A full server, and a full match on a server that has sessions left, say the same to the player.
func TestFullServerSaysSo(t *testing.T) {
	srv, err := server.New(arena.Game(), server.Config{MaxPlayers: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := srv.AddBot("Vega", arena.NewBot(1).Think); err != nil {
		t.Fatal(err)
	}
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- srv.Run(ctx, "") }()
	m, err := Start(ctx, Options{Connect: srv.Addr().String(), Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	err = m.Watch(ctx, watcher(func([]byte) {}), false, 30*time.Second)
	if want := srv.Addr().String() + ": the server is full"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
	m.Close()
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Where says how only once that is known.
func TestWhereBeforeConnected(t *testing.T) {
	m := &Match{opt: Options{Connect: "10.0.0.7:7777"}, phase: Connecting}
	if got := m.Where(); got != "10.0.0.7:7777" {
		t.Errorf("%q, want the address alone", got)
	}
	if m.opt.Transport = netcode.OnlyTCP; m.Where() != "10.0.0.7:7777 over TCP" {
		t.Errorf("%q, want the transport that was asked for", m.Where())
	}
}
