package session

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/secure"
)

// description returns a text of n lines that do not pack well.
func description(n int) string {
	r := rand.New(rand.NewPCG(1, 1))
	var b strings.Builder
	for range n {
		fmt.Fprintf(&b, "Units.Field%x\tfloat32 range=%d:%d\n", r.Uint32(), -r.IntN(1000), r.IntN(1000))
	}
	return b.String()
}

// ask asks the server of a pair for its description and lets time pass.
func ask(p *pair) *About {
	a := p.client.ep.AskAbout(p.now, p.server.path)
	p.until(30*time.Second, func() bool { return a.Done })
	return a
}

func TestServerDescribesItself(t *testing.T) {
	for _, text := range []string{"", "short", description(30), description(1500)} {
		for _, loss := range []float64{0, 0.2} {
			p := newPair(t, 3, link{loss: loss, delay: 5 * time.Millisecond})
			p.server.ep.cfg.About = text
			if a := ask(p); !a.Done || a.Text != text {
				t.Errorf("loss %v: done %v, %d bytes of %d", loss, a.Done, len(a.Text), len(text))
			}
		}
	}
}

// A description that does not fit is cut.
func TestLongDescriptionIsCut(t *testing.T) {
	text := description(4000)
	p := newPair(t, 3, link{})
	p.server.ep.cfg.About = text
	if a := ask(p); !a.Done || len(a.Text) < 20000 || !strings.HasPrefix(text, a.Text) || len(a.Text) == len(text) {
		t.Errorf("done %v, %d bytes of %d", a.Done, len(a.Text), len(text))
	}
}

func TestNobodyDescribesItself(t *testing.T) {
	p := newPair(t, 3, link{})
	p.server.ep.Listen(false)
	p.server.ep.cfg.About = "secret"
	if a := ask(p); !a.Done || a.Text != "" {
		t.Errorf("done %v, %q", a.Done, a.Text)
	}
}

// Pieces that nobody asked for, from elsewhere or of another question, change nothing; a bomb stays small.
func TestHostileDescriptions(t *testing.T) {
	p := newPair(t, 3, link{})
	ep, at := p.client.ep, p.server.path
	a := ep.AskAbout(p.now, at)
	answer := func(id uint64, piece uint16, packed []byte, from Path) {
		question := secure.AppendAsk(make([]byte, 0, secure.QuerySize), id, piece)
		ep.Receive(p.now, from, secure.AppendAbout(nil, question, packed))
	}
	bomb := pack(strings.Repeat("a", 4<<20))
	answer(a.id+1, 0, bomb, at)
	answer(a.id, 1, bomb, at)
	answer(a.id, 0, bomb, stranger(1))
	answer(a.id, 0, make([]byte, (maxAboutPieces+1)*secure.AboutPiece), at)
	if a.Done || a.piece != 0 || ep.stats.Drops[DropBadAccept] != 4 {
		t.Errorf("done %v, piece %d, %d dropped", a.Done, a.piece, ep.stats.Drops[DropBadAccept])
	}
	for i := range (len(bomb) + secure.AboutPiece - 1) / secure.AboutPiece {
		answer(a.id, uint16(i), bomb, at)
	}
	if !a.Done || len(a.Text) != maxAbout {
		t.Errorf("done %v, a bomb of %d bytes made %d", a.Done, len(bomb), len(a.Text))
	}
	answer(a.id, 0, bomb, at) // of a question that is over
	if ep.stats.Drops[DropBadAccept] != 5 {
		t.Error("an answer to nothing was taken")
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add(pack("World.Units.Pos.X\tfloat32"))
	f.Add([]byte{0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		text := unpack(b)
		if len(text) > maxAbout || len(text) > 1100*len(b)+1100 {
			t.Fatalf("%d bytes became %d", len(b), len(text))
		}
		if again := unpack(pack(text)); again != text && !bytes.HasPrefix([]byte(text), []byte(again)) {
			t.Fatal("packed again it is another")
		}
	})
}
