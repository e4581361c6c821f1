// Command browser is a client in a browser, for tests: it opens a session with the server at its argument, a URL, sends
// messages on channels of every kind, wants each back, and says PASS.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"time"

	"github.com/halftick/halftick/netcode"
)

func main() {
	if err := play(os.Args[1]); err != nil {
		fmt.Println("FAIL:", err)
		os.Exit(1)
	}
}

func play(server string) error {
	ctx, stop := context.WithTimeout(context.Background(), 60*time.Second)
	defer stop()
	cfg := netcode.Config{App: "browser test"}
	for k := netcode.Unreliable; k <= netcode.Bulk; k++ {
		cfg.Channels = append(cfg.Channels, netcode.Channel{Name: fmt.Sprint("kind ", k), Kind: k})
	}
	c, err := netcode.Dial(ctx, server, cfg)
	if err != nil {
		return err
	}
	for i, ch := range cfg.Channels {
		for _, size := range []int{1, 1000, 9000} {
			if err := roundTrip(ctx, c, i, ch, bytes.Repeat([]byte{byte(size)}, size)); err != nil {
				return fmt.Errorf("kind %d, %d bytes: %w", ch.Kind, size, err)
			}
		}
	}
	s := c.Stats()
	how := c.Path().Carrier
	if err := c.Close(); err != nil {
		return err
	}
	fmt.Printf("PASS over %v, rtt %v\n", how, s.RTT.Round(100*time.Microsecond))
	return nil
}

// roundTrip sends a message until it comes back: an unreliable one may be lost.
func roundTrip(ctx context.Context, c *netcode.Conn, i int, ch netcode.Channel, sent []byte) error {
	for {
		var err error
		if ch.Kind == netcode.ReliableLatest {
			err = c.SendKeyed(i, 7, sent)
		} else {
			err = c.Send(i, sent)
		}
		if err != nil {
			return err
		}
		wait, stop := context.WithTimeout(ctx, 20*time.Second)
		if !ch.Kind.Reliable() {
			wait, stop = context.WithTimeout(ctx, time.Second)
		}
		m, err := c.Recv(wait)
		stop()
		switch {
		case err == nil && m.Channel == i && bytes.Equal(m.Data, sent):
			return nil
		case err != nil && (ch.Kind.Reliable() || ctx.Err() != nil):
			return err
		}
	}
}
