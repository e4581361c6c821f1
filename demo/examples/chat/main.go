// Command chat is a chat with rooms in the terminal, over sessions alone: there is no game in it.
//
//	chat -name Ann -room kitchen     joins the chat of this machine, at port 4002; whoever comes first is its server too
//	chat -addr host:4002 -name Bob   joins another machine's
//	chat -serve :4002                is a server and nothing else
//
// /help lists what there is to type: rooms by name, which everybody sees, and private ones, which are joined by a code.
//
// Lines travel on a channel on which all arrive in order, who is there on one on which only the newest matters. Read messages.go (limits and
// channels), hall.go (rooms, without a network), serve.go (sessions), talk.go (the other end).
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"log"
	"os"
)

// home is where the chat of this machine is.
const home = "127.0.0.1:4002"

func main() {
	addr := flag.String("addr", "", "of a server; empty: this machine's")
	serve := flag.String("serve", "", "be a server at this address, and nothing else")
	name, room := flag.String("name", os.Getenv("USER"), "what to be called"), flag.String("room", "hall", "where to begin: a name, or the code of a private room")
	flag.Parse()
	ctx := context.Background()
	if *serve != "" {
		h, err := listen(*serve)
		if err != nil {
			log.Fatal(err)
		}
		log.Print("serving at ", h.ln.Addr())
		log.Fatal(h.serve(ctx))
	}
	if *addr == "" {
		*addr = home
		if h, err := listen(home); err == nil { // else somebody serves there already
			defer h.ln.Close()
			go h.serve(ctx)
		}
	}
	if err := talk(ctx, *addr, *name, *room); err != nil {
		log.Print(err)
	}
}

// talk goes on until the keyboard or the session ends.
func talk(ctx context.Context, addr, name, room string) error {
	t, err := dial(ctx, addr, name, room, func(s string) { fmt.Println(s) })
	if err != nil {
		return err
	}
	defer t.conn.Close()
	over := make(chan error, 2)
	go func() { over <- t.hear(ctx) }()
	go func() {
		keyboard := bufio.NewScanner(os.Stdin)
		for keyboard.Scan() && keyboard.Text() != "/quit" {
			if err := t.typed(keyboard.Text()); err != nil {
				over <- err
				return
			}
		}
		over <- nil
	}()
	return <-over
}
