package netcode_test

import (
	"context"
	"fmt"
	"log"
	"sync"

	"github.com/halftick/halftick/netcode"
)

// An echo server and a client that tries it.
func Example_echo() {
	ctx := context.Background()
	cfg := netcode.Config{
		App:      "echo",
		Channels: []netcode.Channel{{Name: "echo", Kind: netcode.ReliableOrdered}},
	}
	ln, err := netcode.Listen("127.0.0.1:0", cfg)
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		for {
			conn, err := ln.Accept(ctx)
			if err != nil {
				return // the listener was closed
			}
			go func() {
				for {
					msg, err := conn.Recv(ctx)
					if err != nil {
						return // the session is over
					}
					conn.Send(msg.Channel, msg.Data)
				}
			}()
		}
	}()

	conn, err := netcode.Dial(ctx, ln.Addr().String(), cfg)
	if err != nil {
		log.Fatal(err)
	}
	conn.Send(0, []byte("hello"))
	msg, err := conn.Recv(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s over %v\n", msg.Data, conn.Path().Carrier)
	conn.Close()
	ln.Close()
	// Output: hello over udp
}

// A chat: the server sends every line to everyone, and tells who is typing on a channel where only
// the newest matters.
func Example_chat() {
	const lines, typing = 0, 1
	cfg := netcode.Config{
		App: "chat",
		Channels: []netcode.Channel{
			lines:  {Name: "lines", Kind: netcode.ReliableOrdered, Redundancy: 2},
			typing: {Name: "typing", Kind: netcode.Sequenced},
		},
	}
	ctx := context.Background()
	ln, err := netcode.Listen("127.0.0.1:0", cfg)
	if err != nil {
		log.Fatal(err)
	}
	var mu sync.Mutex
	var members []*netcode.Conn
	joined := make(chan bool)
	go func() {
		for {
			conn, err := ln.Accept(ctx)
			if err != nil {
				return
			}
			mu.Lock()
			members = append(members, conn)
			mu.Unlock()
			joined <- true
			go func() {
				for {
					msg, err := conn.Recv(ctx)
					if err != nil {
						return
					}
					mu.Lock()
					for _, m := range members {
						m.Send(msg.Channel, msg.Data)
					}
					mu.Unlock()
				}
			}()
		}
	}()

	ann, err := netcode.Dial(ctx, ln.Addr().String(), cfg)
	if err != nil {
		log.Fatal(err)
	}
	<-joined
	bob, err := netcode.Dial(ctx, ln.Addr().String(), cfg)
	if err != nil {
		log.Fatal(err)
	}
	<-joined
	ann.Send(lines, []byte("Ann: anybody here?"))
	for _, conn := range []*netcode.Conn{ann, bob} {
		msg, err := conn.Recv(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s\n", msg.Data)
	}
	ann.Close()
	bob.Close()
	ln.Close()
	// Output:
	// Ann: anybody here?
	// Ann: anybody here?
}
