package replica

import (
	"fmt"
	"strings"
)

// maxShown is the length of a key or a value in what CompareAbout returns. More is cut.
const maxShown = 120

// About describes what client and server of a game must agree on, a line for each thing: its name, a tab, and what it is. It
// takes what Describe says of the plan and of the inputs, the tick rate in Hz, and sim.Game.Messages. A server hands it out
// (session.Config.About), so that a client with another schema can say what differs.
//
//	World.Players.Pos.X	float32 range=0:640,step=1/64
func About(world, inputs string, tickRate int, messages string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "TickRate\t%d Hz\n", tickRate)
	lanes := aboutFields(&b, "World", world) + aboutFields(&b, "Input", inputs)
	for line := range strings.Lines(messages) { // "event hit reliable {...}"
		kind, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, what, _ := strings.Cut(rest, " ")
		fmt.Fprintf(&b, "%s %s\t%s\n", kind, name, what)
	}
	fmt.Fprintf(&b, "%sEncoding\tversion %d\n", lanes, formatVersion)
	return b.String()
}

// aboutFields writes a line for each field of a description, and returns those for its tables, which say less and come last.
func aboutFields(b *strings.Builder, root, description string) (tables string) {
	table := root
	for line := range strings.Lines(description) {
		line = strings.TrimRight(line, "\n")
		field, isField := strings.CutPrefix(line, "  ")
		switch {
		case isField:
			name, what, _ := strings.Cut(field, " ")
			if i := strings.LastIndex(what, ": "); i >= 0 {
				what = what[:i] // the width follows from the rest
			}
			fmt.Fprintf(b, "%s.%s\t%s\n", table, name, what)
		case !strings.HasPrefix(line, "schema "):
			line = line[:max(strings.LastIndex(line, ": "), 0)] // how many lanes follows from the rest
			name, what, _ := strings.Cut(line, " ")
			table = root + "." + name
			if name == "globals" || name == "input" {
				table = root
			}
			tables += fmt.Sprintf("%s\ttable %s\n", table, what)
		}
	}
	return tables
}

// CompareAbout names the first thing in which the server's and the client's About differ, and what it is on both sides; "" when they
// are equal. The server's may be anything: what is shown of it is cleaned and cut.
//
//	World.Players.Pos.X: server float32 range=0:640,step=1/64, client float32 range=0:320,step=1/64
func CompareAbout(server, client string) string {
	theirs, ours := aboutLines(server), aboutLines(client)
	values := map[string]string{}
	for _, l := range theirs {
		values[l.key] = l.value
	}
	for _, l := range ours {
		value, ok := values[l.key]
		switch {
		case !ok:
			return fmt.Sprintf("%s: the server has none, client %s", l.key, l.value)
		case value != l.value:
			return fmt.Sprintf("%s: server %s, client %s", l.key, shown(value), l.value)
		}
		delete(values, l.key)
	}
	for _, l := range theirs {
		if _, ok := values[l.key]; ok {
			return fmt.Sprintf("%s: server %s, the client has none", shown(l.key), shown(l.value))
		}
	}
	for i := range min(len(ours), len(theirs)) {
		if ours[i].key != theirs[i].key {
			return fmt.Sprintf("the order: server %s, client %s", shown(theirs[i].key), ours[i].key)
		}
	}
	return ""
}

type aboutLine struct{ key, value string }

func aboutLines(about string) (all []aboutLine) {
	for line := range strings.Lines(about) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		all = append(all, aboutLine{key, value})
	}
	return all
}

func shown(s string) string { return CleanText(s, maxShown) }
