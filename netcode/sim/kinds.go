package sim

import (
	"fmt"
	"strings"
)

// Messages describes the events and RPCs of the game for people, a line each, in their order. It is part of what client and
// server must agree on.
func (g *Game[W, I]) Messages() string {
	var b strings.Builder
	for _, e := range g.Events {
		fmt.Fprintf(&b, "event %s %v %s\n", e.Type().name, e.Type().delivery, e.Type().schema)
	}
	for _, x := range g.RPCs {
		fmt.Fprintf(&b, "rpc %s %s\n", x.CallType().name, x.CallType().schema)
	}
	return b.String()
}

// validateKinds reports the first thing wrong with the events and RPCs.
func (g *Game[W, I]) validateKinds() error {
	if len(g.Events) > MaxEvents || len(g.RPCs) > MaxRPCs {
		return fmt.Errorf("sim: game %q has %d events and %d RPCs: at most %d and %d", g.Name, len(g.Events), len(g.RPCs), MaxEvents, MaxRPCs)
	}
	seen := map[string]bool{}
	check := func(what, name string, err error) error {
		switch key := what + " " + name; {
		case name == "" || len(name) > maxKindName:
			return fmt.Errorf("sim: %s %q: want a name of 1 to %d bytes", what, name, maxKindName)
		case err != nil:
			return fmt.Errorf("sim: %s %q: %w", what, name, err)
		case seen[key]:
			return fmt.Errorf("sim: two kinds of %s are named %q", what, name)
		default:
			seen[key] = true
		}
		return nil
	}
	for _, e := range g.Events {
		t := e.Type()
		if err := check("event", t.name, t.err); err != nil {
			return err
		}
		if int(t.delivery) >= len(deliveryNames) {
			return fmt.Errorf("sim: event %q: unknown delivery %v", t.name, t.delivery)
		}
	}
	for _, x := range g.RPCs {
		t := x.CallType()
		if err := check("rpc", t.name, t.err); err != nil {
			return err
		}
	}
	return nil
}
