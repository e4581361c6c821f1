package session

import (
	"bytes"
	"compress/flate"
	"io"
	"time"

	"github.com/halftick/halftick/netcode/secure"
)

// A client that is refused for its schema may ask the server to describe its own: to say what differs, not only that something
// does. A description is longer than an answer may be, so it is packed and asked for piece by piece:
//
//	client --ASK piece 0 of 1200 B-->  <--ABOUT piece 0 of 3, at most 512 B-- server
//	       --ASK piece 1---------->    <--ABOUT piece 1 of 3-----------------
//
// The server keeps nothing for it, and answers no faster than it answers QUERYs.

// About is a description that was asked for. Under the lock of whoever drives the endpoint, Done tells when it is final.
type About struct {
	Text string // "" when the server gave none; what it is made of is not proved to be true
	Done bool

	to     Path
	id     uint64
	packed []byte
	piece  int           // that is asked for
	pieces int           // 0 before the first answer
	again  time.Duration // when it is asked again
	left   int           // times
}

// AskAbout asks a server to describe its schema (Config.About), in place of what was asked before. It takes a round trip for
// each 480 bytes, which is about 2 KiB of description.
func (e *Endpoint) AskAbout(now time.Duration, to Path) *About {
	e.asking = &About{to: to, id: e.random.Uint64(), again: now, left: askTries}
	return e.asking
}

// transmitAsk writes the question for the next piece when it is due.
func (e *Endpoint) transmitAsk(now time.Duration, buf []byte) (int, Path) {
	a := e.asking
	if a == nil || a.again > now || a.left == 0 {
		return 0, Path{}
	}
	a.left--
	a.again = now + askInterval
	return len(secure.AppendAsk(buf[:0], a.id, uint16(a.piece))), a.to
}

// advanceAsk gives up when nobody answers.
func (e *Endpoint) advanceAsk(now time.Duration) {
	if a := e.asking; a != nil && a.left == 0 && a.again <= now {
		a.Done, e.asking = true, nil
	}
}

// onAsk answers who asks for a piece.
func (e *Endpoint) onAsk(now time.Duration, from Path, b []byte) {
	_, ok := secure.ParseAsk(b)
	switch {
	case !e.listening:
		e.drop(DropNotListening)
	case !ok:
		e.drop(DropBadInit)
	case e.errorAllowed(now, from):
		if e.packed == nil {
			e.packed = pack(e.cfg.About)
		}
		e.reply(from, secure.AppendAbout(e.replyBuf[:0], b, e.packed))
	}
}

// onAbout takes a piece that was asked for.
func (e *Endpoint) onAbout(now time.Duration, from Path, b []byte) {
	p, ok := secure.ParseAbout(b)
	a := e.asking
	if !ok || a == nil || a.to != from || a.id != p.ID || a.piece != p.Piece || a.pieces != 0 && a.pieces != p.Pieces || p.Pieces > maxAboutPieces {
		e.drop(DropBadAccept)
		return
	}
	a.pieces = p.Pieces
	a.packed = append(a.packed, p.Data...)
	a.piece++
	if a.piece < a.pieces && len(p.Data) == secure.AboutPiece {
		a.again, a.left = now, askTries
		return
	}
	a.Text, a.Done, e.asking = unpack(a.packed), true, nil
}

// pack compresses a description. One that does not fit is cut: its beginning may tell enough.
func pack(text string) []byte {
	for {
		var b bytes.Buffer
		w, err := flate.NewWriter(&b, flate.BestCompression)
		if err != nil {
			return []byte{} // of a level that does not exist
		}
		_, _ = io.WriteString(w, text) // a Buffer takes everything
		_ = w.Close()
		if b.Len() <= maxAboutPieces*secure.AboutPiece {
			return b.Bytes()
		}
		text = text[:len(text)/2]
	}
}

// unpack reads what a server sent, up to maxAbout bytes of it; what follows damage is left out.
func unpack(packed []byte) string {
	b, _ := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), maxAbout))
	return string(b)
}
