package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/halftick/halftick/netcode"
)

// A fake is a member without a network.
type fake struct {
	*member
	heard []string
	seen  map[uint32]Member
}

func visit(h *hall, name, room string) *fake {
	f := &fake{seen: map[uint32]Member{}}
	f.member = h.enter(func(l Line) { f.heard = append(f.heard, l.From+": "+l.Text) }, func(m Member) {
		f.seen[m.ID] = m
		if m.Name == "" {
			delete(f.seen, m.ID)
		}
	})
	h.ask(f.member, Ask{Name: name, Room: room}, 0)
	return f
}

func (f *fake) hears(what string) bool { return slices.Contains(f.heard, what) }

func TestRooms(t *testing.T) {
	h := newHall()
	ann, bob, cleo := visit(h, "Ann", "Kitchen"), visit(h, "Bob", "kitchen"), visit(h, "ann", "cellar")
	h.ask(ann.member, Ask{Text: "soup?"}, time.Second)
	if !bob.hears("Ann: soup?") || !ann.hears("Ann: soup?") || cleo.hears("Ann: soup?") {
		t.Errorf("Bob heard %q, Cleo in the cellar %q", bob.heard, cleo.heard)
	}
	h.ask(cleo.member, Ask{Room: "kitchen", Text: "yes"}, time.Second)
	if !cleo.hears("Ann: soup?") || !ann.hears("ann 2: yes") {
		t.Errorf("who came later heard %q, the others %q", cleo.heard, ann.heard)
	}
	if len(h.rooms) != 1 {
		t.Errorf("%d rooms: the cellar is empty and should be gone", len(h.rooms))
	}
	h.leave(bob.member)
	if !ann.hears(": Bob has left") || len(ann.seen) != 2 || len(bob.seen) != 0 {
		t.Errorf("heard %q, sees %v; Bob sees %v", ann.heard, ann.seen, bob.seen)
	}
}

// A room by name is there for all; who wants to be found by few alone opens one with a code.
func TestPrivateRooms(t *testing.T) {
	h := newHall()
	ann, bob, cleo := visit(h, "Ann", "kitchen"), visit(h, "Bob", "cellar"), visit(h, "Cleo", "cellar")
	h.ask(ann.member, Ask{Do: createRoom}, 0)
	code := ann.room.name
	if !strings.HasPrefix(code, private) || len(code) != len(private)+codeLength || !ann.hears(": it is private: others come by /join "+code) {
		t.Errorf("the room is %q, Ann heard %q", code, ann.heard)
	}
	h.ask(cleo.member, Ask{Do: listRooms}, time.Second)
	if want := []string{": cellar: 2 of 32, you are here"}; !slices.Equal(cleo.heard[len(cleo.heard)-1:], want) || h.rooms["kitchen"] != nil {
		t.Errorf("listed are %q, want %q: the kitchen is empty, the other private", cleo.heard, want)
	}
	h.ask(cleo.member, Ask{Room: private + "guess"}, time.Second)
	if !cleo.hears(": there is no private room #guess") || cleo.room.name != "cellar" {
		t.Errorf("a guess of a code: %q, in %q", cleo.heard, cleo.room.name)
	}
	h.ask(bob.member, Ask{Room: strings.ToUpper(code)}, time.Second)
	if bob.room != ann.room || !ann.hears(": Bob is here") {
		t.Errorf("Bob, who was told the code, is in %q", bob.room.name)
	}
	h.ask(bob.member, Ask{Room: code}, time.Second)
	if !bob.hears(": you are in " + code + " already") {
		t.Errorf("Bob heard %q", bob.heard)
	}
	h.leave(bob.member)
	h.ask(ann.member, Ask{Do: leaveRoom}, time.Second)
	if len(h.rooms) != 1 || ann.room != nil || len(ann.seen) != 0 || !ann.hears(": you have left "+code) {
		t.Errorf("%d rooms, Ann sees %v and heard %q", len(h.rooms), ann.seen, ann.heard)
	}
	for _, a := range []Ask{{Do: leaveRoom}, {Text: "anybody?"}} {
		ann.heard = nil
		if h.ask(ann.member, a, 2*time.Second); !ann.hears(": " + nowhere) {
			t.Errorf("%+v in no room: %q", a, ann.heard)
		}
	}
	h.ask(cleo.member, Ask{Do: leaveRoom}, time.Second)
	h.ask(cleo.member, Ask{Do: listRooms}, time.Second)
	if !cleo.hears(": there are no rooms but private ones") {
		t.Errorf("Cleo heard %q", cleo.heard)
	}
}

func TestLimits(t *testing.T) {
	h := newHall()
	var last *fake
	for i := range maxMembers + 1 {
		last = visit(h, "same", "kitchen")
		if i < maxMembers && last.room == nil {
			t.Fatalf("number %d was not let in: %q", i, last.heard)
		}
	}
	if last.room != nil || !last.hears(": kitchen is full") || len(h.rooms["kitchen"].members) != maxMembers {
		t.Errorf("one too many: %q", last.heard)
	}
	for i := range maxRooms + 5 {
		visit(h, "x", fmt.Sprint("room ", i))
	}
	if len(h.rooms) != maxRooms {
		t.Errorf("%d rooms", len(h.rooms))
	}
	if h.ask(last.member, Ask{Do: createRoom}, time.Second); last.room != nil || !last.hears(": there are too many rooms") {
		t.Errorf("a private room beyond the others: %q", last.heard)
	}
	one := h.rooms["kitchen"].members[0]
	for range 3 * burst {
		h.ask(one, Ask{Text: "again and again"}, time.Second)
	}
	if n := len(h.rooms["kitchen"].told); n > burst {
		t.Errorf("%d lines were passed on at once", n)
	}
	for i := range time.Duration(200) {
		h.ask(one, Ask{Text: "patient"}, (2+i)*time.Second)
	}
	if n := len(h.rooms["kitchen"].told); n != kept {
		t.Errorf("%d lines are kept", n)
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"  a\tb\n": "a b", "\x1b[31mred\x07": "[31mred", "\u202eevil\u200b": "evil", "\xff\xfe": "", "Grüße": "Grüße",
	} {
		if got := clean(in, 100); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
	if got := clean(strings.Repeat("ü", 100), 25); len(got) != 24 || !utf8.ValidString(got) {
		t.Errorf("cut to %q", got)
	}
}

func FuzzClean(f *testing.F) {
	f.Add("\x1b]0;title\x07 hello", 20)
	f.Fuzz(func(t *testing.T, s string, most int) {
		got := clean(s, max(most, 0))
		if len(got) > max(most, 0) || !utf8.ValidString(got) || strings.ContainsAny(got, "\x1b\n\r\x00\u009b\u202e") {
			t.Errorf("%q", got)
		}
	})
}

// caller is a talker whose lines a test waits for.
type caller struct {
	*talker
	heard chan string
	over  chan error
}

func call(t *testing.T, ctx context.Context, addr, name, room string) *caller {
	t.Helper()
	c := &caller{heard: make(chan string, 256), over: make(chan error, 1)}
	var err error
	if c.talker, err = dial(ctx, addr, name, room, func(s string) { c.heard <- s }); err != nil {
		t.Fatal(err)
	}
	go func() { c.over <- c.hear(ctx) }()
	t.Cleanup(func() { c.conn.Close() })
	return c
}

// until reads lines until that one.
func (c *caller) until(t *testing.T, want string) {
	t.Helper()
	if rest := c.follow(t, want); rest != "" {
		t.Fatalf("%q goes on: %q", want, rest)
	}
}

// follow reads lines until one that begins so, and returns how it goes on.
func (c *caller) follow(t *testing.T, begin string) string {
	t.Helper()
	var all []string
	for {
		select {
		case s := <-c.heard:
			all = append(all, s)
			if rest, ok := strings.CutPrefix(s, begin); ok {
				return rest
			}
		case err := <-c.over:
			t.Fatalf("over while waiting for %q: %v; heard %q", begin, err, all)
		}
	}
}

func open(t *testing.T) (context.Context, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	h, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- h.serve(ctx) }()
	t.Cleanup(func() {
		h.ln.Close()
		<-served
		cancel()
	})
	return ctx, h.ln.Addr().String()
}

// TestOverRealSockets: what is typed at one end is printed at the other, in the same room only.
func TestOverRealSockets(t *testing.T) {
	ctx, addr := open(t)
	ann := call(t, ctx, addr, "Ann", "kitchen")
	ann.until(t, "  * Ann is here")
	bob := call(t, ctx, addr, "Bob", "cellar")
	bob.until(t, "  * Bob is here")
	for _, s := range []string{"hello?", "/away cooking", "/who", "/nonsense"} {
		if err := ann.typed(s); err != nil {
			t.Fatal(err)
		}
	}
	ann.until(t, "Ann: hello?")
	if err := bob.typed("/join kitchen"); err != nil {
		t.Fatal(err)
	}
	bob.until(t, "Ann: hello?") // he came later
	ann.until(t, "  * Bob is here")
	if err := bob.typed("smells good \x1b[2J"); err != nil {
		t.Fatal(err)
	}
	ann.until(t, "Bob: smells good [2J")
	for _, s := range []string{"/join", "/rooms", "/leave", "/create"} {
		if err := bob.typed(s); err != nil {
			t.Fatal(err)
		}
	}
	bob.until(t, "  * /join what? /help")
	bob.until(t, "  * kitchen: 2 of 32, you are here")
	bob.until(t, "  * you have left kitchen")
	code := bob.follow(t, "  * it is private: others come by /join ")
	if err := ann.typed("/join " + code); err != nil {
		t.Fatal(err)
	}
	bob.until(t, "  * Ann is here")
	for !slices.Equal(bob.who(), []string{"Ann (cooking)", "Bob"}) { // it travels beside the lines
		if ctx.Err() != nil {
			t.Fatalf("Bob sees %q", bob.who())
		}
		if err := bob.typed("/who"); err != nil {
			t.Fatal(err)
		}
		<-bob.heard
	}
	if err := bob.conn.Close(); err != nil {
		t.Error(err)
	}
	ann.until(t, "  * Bob has left")
}

// TestNonsense: who sends what is no Ask is let go, and nobody else is.
func TestNonsense(t *testing.T) {
	ctx, addr := open(t)
	ann := call(t, ctx, addr, "Ann", "kitchen")
	ann.until(t, "  * Ann is here")
	mallory, err := netcode.Dial(ctx, addr, config())
	if err != nil {
		t.Fatal(err)
	}
	defer mallory.Close()
	if err := mallory.Send(lines, []byte{0xdd, 0xff, 0xff, 0xff, 0xff}); err != nil {
		t.Fatal(err)
	}
	if _, err := mallory.Recv(ctx); err == nil || !strings.Contains(err.Error(), "that makes no sense") {
		t.Errorf("Mallory was told %v", err)
	}
	if err := ann.typed("still here"); err != nil {
		t.Fatal(err)
	}
	ann.until(t, "Ann: still here")
}
