package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode"
)

// lanLook is how long servers on the local network have to answer.
const lanLook = 1500 * time.Millisecond

// findLAN lists the servers on the local network and chooses the first to answer that one can play on.
func (o *options) findLAN(ctx context.Context, out io.Writer) error {
	cfg, err := client.SessionConfig(arena.Game())
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, lanLook)
	defer stop()
	for s, err := range netcode.Discover(ctx, cfg) {
		if err != nil {
			return fmt.Errorf("-lan: %w", err)
		}
		fmt.Fprintln(out, lanLine(&s))
		if o.match.Connect == "" && lanHindrance(&s) == "" {
			o.match.Connect, o.match.ServerKey = s.Addr.String(), s.Key
		}
	}
	if o.match.Connect == "" {
		return errors.New("-lan: no server to play on has answered: is one started with -lan, on this network?")
	}
	fmt.Fprintf(out, "joining %s; -connect chooses another\n", o.match.Connect)
	return nil
}

// lanLine is a server in a list.
func lanLine(s *netcode.LANServer) string {
	line := fmt.Sprintf("%-24.24q %3d of %3d players  %v", s.Name, s.Players, s.Max, s.Addr)
	if why := lanHindrance(s); why != "" {
		line += "  (" + why + ")"
	}
	return line
}

// lanHindrance says why one cannot play on a server, or nothing.
func lanHindrance(s *netcode.LANServer) string {
	switch {
	case !s.Ours:
		return "another version of the game"
	case !s.Open:
		return "being stopped"
	case s.Tokens:
		return "wants a token"
	case s.Players >= s.Max:
		return "full"
	}
	return ""
}
