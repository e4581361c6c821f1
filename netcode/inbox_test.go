package netcode

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/session"
)

const bulk = newest + 1

// bulkConfig has a Bulk channel besides the others.
func bulkConfig() Config {
	cfg := testConfig()
	cfg.Channels = append(cfg.Channels, Channel{Name: "bulk", Kind: Bulk})
	return cfg
}

// bulkPair returns both ends of a session with a Bulk channel.
func bulkPair(t *testing.T, d Dialer, change func(*Config)) (client, server *Conn, ln *Listener) {
	t.Helper()
	cfg := bulkConfig()
	if change != nil {
		change(&cfg)
	}
	ln, err := Listen("127.0.0.1:0", cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	if client, err = d.Dial(deadline(t), ln.Addr().String(), bulkConfig()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	if server, err = ln.Accept(deadline(t)); err != nil {
		t.Fatal(err)
	}
	return client, server, ln
}

// Over every carrier: of a transfer that is read slowly every byte arrives, none is dropped, memory is bounded, and what is sent
// beside it overtakes what waits.
func TestSlowReaderGetsEverything(t *testing.T) {
	for _, transport := range []Transport{OnlyUDP, OnlyTCP} {
		t.Run(transport.String(), func(t *testing.T) {
			c, sc, _ := bulkPair(t, Dialer{Transport: transport}, nil)
			const size, total = 32 << 10, 8 << 20
			var wg sync.WaitGroup
			defer wg.Wait()
			wg.Go(func() {
				for i := range total / size {
					msg := bytes.Repeat([]byte{byte(i)}, size)
					binary.LittleEndian.PutUint32(msg, uint32(i))
					if err := c.SendContext(deadline(t), bulk, msg); err != nil {
						t.Error(err)
						return
					}
				}
			})
			await(t, "the sender is held back", func() bool { // nobody reads meanwhile
				s := c.Stats()
				return s.QueuedBytes > 500<<10 && s.InFlight == 0 && unread(sc, 1) >= holdBytes
			})
			if n := unread(sc, 1); n > inboxBytes/2+1<<20+size {
				t.Errorf("%d bytes wait unread", n)
			}
			if err := c.Send(ordered, []byte("beside it")); err != nil {
				t.Fatal(err)
			}
			await(t, "what is sent beside it arrives", func() bool { return unread(sc, 0) > 0 })
			if m := recv(t, sc); m.Channel != ordered {
				t.Errorf("it waits behind the transfer: channel %d was read first", m.Channel)
			}
			for i := range total / size {
				m := recv(t, sc)
				if got := int(binary.LittleEndian.Uint32(m.Data)); m.Channel != bulk || got != i || len(m.Data) != size || m.Data[size-1] != byte(i) {
					t.Fatalf("message %d came as %d of %d bytes on channel %d", i, got, len(m.Data), m.Channel)
				}
			}
			if sc.Dropped() != 0 {
				t.Errorf("%d messages were dropped", sc.Dropped())
			}
		})
	}
}

// await waits until cond holds.
func await(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for ctx := deadline(t); !cond(); time.Sleep(time.Millisecond) {
		if ctx.Err() != nil {
			t.Fatalf("never: %s", what)
		}
	}
}

// unread returns the bytes that wait in a half of an inbox.
func unread(c *Conn, half int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.inbox.halves[half].bytes
}

func recv(t *testing.T, c *Conn) Message {
	t.Helper()
	m, err := c.Recv(deadline(t))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Who never reads loses his session, alone, after ReadTimeout. Both ends learn why; what waits to be sent does not wait on.
func TestUnreadSessionEndsAlone(t *testing.T) {
	c, sc, ln := bulkPair(t, Dialer{}, func(cfg *Config) { cfg.ReadTimeout = 200 * time.Millisecond })
	other, err := Dial(deadline(t), ln.Addr().String(), bulkConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for err == nil {
		err = c.SendContext(deadline(t), ordered, make([]byte, 10_000))
	}
	var ce *CloseError
	if !errors.As(err, &ce) || ce.Code != session.CloseUnread || !ce.Remote {
		t.Errorf("the sender learned %v", err)
	}
	<-sc.over
	if !errors.As(sc.err, &ce) || ce.Code != session.CloseUnread || ce.Remote {
		t.Errorf("at the reader: %v", sc.err)
	}
	if err := other.Send(ordered, []byte("still here")); err != nil {
		t.Errorf("another session was disturbed: %v", err)
	}
	n := 0
	for ; ; n++ { // what came before the end can still be read
		if _, err := sc.Recv(deadline(t)); err != nil {
			break
		}
	}
	if n*10_000 < holdBytes || n*10_000 > holdBytes+300<<10 {
		t.Errorf("%d bytes were kept", n*10_000)
	}
}

// SendContext gives up with its context, and its message is then not sent.
func TestSendContextEndsWithItsContext(t *testing.T) {
	c, _, _ := bulkPair(t, Dialer{}, nil)
	for c.Send(ordered, make([]byte, 10_000)) == nil {
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	done := make(chan error)
	go func() {
		var err error
		for err == nil { // the server reads nothing: in the end there is no room for good
			err = c.SendContext(ctx, ordered, make([]byte, 10_000))
		}
		done <- err
	}()
	time.AfterFunc(300*time.Millisecond, func() { cancel(why) })
	if err := <-done; err != why {
		t.Errorf("it ended with %v", err)
	}
	if err := c.SendContext(t.Context(), loose, make([]byte, 100_000)); err != ErrTooLarge {
		t.Errorf("a message that is too large: %v", err)
	}
}

// What is unreliable and finds no room is dropped and counted; what is reliable is kept, with no hole.
func TestFullInboxDropsWhatIsUnreliable(t *testing.T) {
	_, sc, _ := bulkPair(t, Dialer{}, nil)
	now := sc.host.Lock()
	say := func(channel, i int) {
		sc.on(now, session.Event{Kind: session.Message, Conn: sc.conn, Channel: channel, Data: binary.LittleEndian.AppendUint32(nil, uint32(i))})
	}
	for i := range inboxMessages {
		say(ordered, i)
	}
	say(loose, 0)
	say(ordered, inboxMessages)
	sc.host.Unlock()
	if sc.Dropped() != 1 {
		t.Errorf("%d were dropped", sc.Dropped())
	}
	for want := range inboxMessages + 1 {
		if got := int(binary.LittleEndian.Uint32(recv(t, sc).Data)); got != want {
			t.Fatalf("message %d came in place of %d", got, want)
		}
	}
}
