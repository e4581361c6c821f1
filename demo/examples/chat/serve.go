package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/session"
)

// house is a hall behind sessions.
type house struct {
	ln    *netcode.Listener
	began time.Time

	mu   sync.Mutex // of all below
	hall *hall
}

func listen(addr string) (*house, error) {
	ln, err := netcode.Listen(addr, config())
	if err != nil {
		return nil, err
	}
	return &house{ln: ln, hall: newHall(), began: time.Now()}, nil
}

// serve lets in whoever comes, until the listener is closed.
func (h *house) serve(ctx context.Context) error {
	for {
		conn, err := h.ln.Accept(ctx)
		if err != nil {
			return err
		}
		go h.attend(ctx, conn)
	}
}

// attend hears one member out.
func (h *house) attend(ctx context.Context, conn *netcode.Conn) {
	h.mu.Lock()
	m := h.hall.enter(func(l Line) { tell(conn, l) }, func(who Member) { show(conn, who) })
	h.mu.Unlock()
	for {
		got, err := conn.Recv(ctx)
		if err != nil {
			break
		}
		var a Ask
		if got.Channel != lines || askCodec.Decode(got.Data, &a) != nil {
			end(conn, "that makes no sense")
			break
		}
		h.mu.Lock()
		h.hall.ask(m, a, time.Since(h.began))
		h.mu.Unlock()
	}
	h.mu.Lock()
	h.hall.leave(m)
	h.mu.Unlock()
}

// tell and show never wait. Who does not read has a full queue in the end, and is let go; who is gone already is none of their business.
func tell(conn *netcode.Conn, l Line) {
	if b, err := lineCodec.Append(nil, &l); err == nil && errors.Is(conn.Send(lines, b), session.ErrQueueFull) {
		end(conn, "too slow")
	}
}

func show(conn *netcode.Conn, who Member) {
	if b, err := memberCodec.Append(nil, &who); err == nil && errors.Is(conn.SendKeyed(presence, uint64(who.ID), b), session.ErrQueueFull) {
		end(conn, "too slow")
	}
}

// end lets a member go without waiting for him: attend hears of it.
func end(conn *netcode.Conn, why string) { go conn.CloseWith(session.CloseKicked, why) }
