package client

import (
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/replica"
)

func TestRoster(t *testing.T) {
	var r roster
	r.joined(replica.Joined{Player: 7, Name: "ann"})
	r.joined(replica.Joined{Player: 3, Name: "bob", Bot: true})
	r.joined(replica.Joined{Player: 0, Name: "nobody"})
	want := []Player{{3, "bob", true}, {7, "ann", false}}
	if got := r.list(); len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Fatalf("present are %v, want %v", got, want)
	}
	r.left(replica.Left{Player: 3})
	if got := r.list(); len(got) != 1 || got[0] != want[1] {
		t.Errorf("after bob left: %v", got)
	}
	if r.players[3].Name != "bob" {
		t.Error("the name of one who has left is forgotten")
	}
}

func TestProbes(t *testing.T) {
	p := probes{every: 100 * time.Millisecond}
	now := time.Duration(0)
	send := func(n int) {
		for range n {
			now += 100 * time.Millisecond
			if _, ok := p.due(now); !ok {
				t.Fatalf("no probe at %v", now)
			}
			if _, ok := p.due(now); ok {
				t.Fatalf("a second probe at %v", now)
			}
		}
	}
	expect := func(what string, delivered uint32, lost, surplus uint64) {
		t.Helper()
		if p.delivered-uint32(p.lost) != delivered || p.lost != lost || p.surplus != surplus {
			t.Errorf("%s: %d delivered, %d lost, %d surplus; want %d, %d, %d", what, p.delivered-uint32(p.lost), p.lost, p.surplus, delivered, lost, surplus)
		}
	}
	send(5)
	p.echo(now, 0)
	p.echo(now, 1)
	expect("in order", 2, 0, 0)
	p.echo(now, 1)
	expect("twice", 2, 0, 1)
	p.echo(now, 3)
	expect("one skipped", 3, 1, 1)
	p.echo(now, 2)
	expect("late", 3, 1, 2)
	p.echo(now, 77)
	expect("never sent", 3, 1, 3)
	send(maxProbes - 1)
	if _, ok := p.due(now + time.Hour); ok {
		t.Error("more probes are under way than allowed")
	}
}

func TestProbesTakenBack(t *testing.T) {
	p := probes{every: time.Second}
	n, _ := p.due(0)
	p.unsend(n)
	if again, ok := p.due(time.Second); !ok || again != n {
		t.Errorf("after a probe that could not be sent comes %d, want %d again", again, n)
	}
}

func TestChatIsBounded(t *testing.T) {
	var c chat
	for i := range maxLines + 10 {
		c.said(replica.Said{Player: 1, Text: string(rune('a' + i%26))}, "ann")
	}
	lines := c.read()
	if len(lines) != maxLines || lines[0].Text != string(rune('a'+10)) || c.dropped != 10 {
		t.Errorf("%d lines, the first %q, %d dropped", len(lines), lines[0].Text, c.dropped)
	}
	if len(c.read()) != 0 {
		t.Error("lines are read twice")
	}
}
