package session

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/secure"
)

// vectors builds every example of docs/protocol.md that package session can make.
func vectors(t *testing.T) map[string][]byte {
	v := map[string][]byte{}
	shakeHands(t, v, RefusedNot)
	shakeHands(t, v, RefusedDenied)

	var a ackState
	for _, pn := range []uint64{290, 291, 293, 298, 299, 300} {
		a.receive(time.Second, pn, true, 0, 0)
	}
	v["ack"] = a.appendTo(nil, time.Second+3*time.Millisecond)
	var run ackState
	for pn := range uint64(12) {
		run.receive(time.Second, 289+pn, true, 0, 0)
	}
	v["coded"] = codedOf(0, 9, 8, []byte("abcd"), []byte("xyz"))
	v["ack-short"] = run.appendTo(nil, time.Second+500*time.Microsecond)
	message := func(name string, kind ChannelKind, f messageFrame) { v[name] = appendMessage(nil, kind, &f, &lastID{}) }
	message("message-unreliable", Unreliable, messageFrame{channel: 1, data: []byte("hi")})
	message("message-sequenced", Sequenced, messageFrame{channel: 2, id: 0x0102, data: []byte("hi")})
	message("message-reliable", ReliableOrdered, messageFrame{channel: 0, id: 0x0102, data: []byte("hi")})
	message("fragment", Unreliable, messageFrame{channel: 1, id: 7, index: 1, count: 2, data: []byte("tail")})
	message("message-latest", ReliableLatest, messageFrame{channel: 3, id: 300, key: 7, data: []byte("hi")})
	v["message-after"] = appendMessage(nil, ReliableOrdered, &messageFrame{channel: 0, id: 0x0103, data: []byte("ho")}, &lastID{1, 0x0102})
	message("message-to-end", ReliableOrdered, messageFrame{channel: 0, id: 0x0102, data: []byte("hi")})
	v["message-to-end"] = dropLength(v["message-to-end"], 0, 2)
	v["hold"] = []byte{frameHold, 1 << 4, 0}
	v["padding"] = append([]byte{framePing, framePadding}, make([]byte, 6)...)
	v["ping"] = []byte{framePing}
	v["path-challenge"] = pathFrame(framePathChallenge, 0x0102030405060708)
	v["path-response"] = pathFrame(framePathResponse, 0x0102030405060708)
	v["close"] = appendClose(nil, CloseNormal, "done")
	return v
}

// shakeHands adds the packets of a handshake with the secrets 1 and 2, which ends with the given refusal.
func shakeHands(t *testing.T, v map[string][]byte, refusal Refusal) {
	p := newPair(t, 1, link{}, func(c, s *Config) {
		c.App, s.App = "vectors", "vectors"
		s.Authorize = func([32]byte, []byte) (Grant, Refusal) { return Grant{User: 42, Claims: []byte("red team")}, refusal }
	})
	p.client.ep.suites = secure.ChaCha20Poly1305 // whatever machine this is
	kinds := []string{"query", "info", "init", "retry", "init-cookie", "accept", "confirm", "record-to-client"}
	if refusal != RefusedNot {
		kinds = []string{"", "", "", "", "", "refusal"}
	}
	var c *Conn
	p.tap = func(_ *side, b []byte) {
		if len(kinds) > 0 && kinds[0] != "" {
			v[kinds[0]] = bytes.Clone(b)
		}
		if b[0] == secure.TypeConfirm {
			v["refuse"] = secure.AppendRefuse(nil, c.dial.refuse, c.id, uint8(RefusedFull)) // what it could be answered with
		}
		kinds = kinds[min(1, len(kinds)):]
	}
	p.server.ep.SetInfo(ServerInfo{Name: "example", Players: 3, Max: 16})
	p.server.ep.loadedUntil = time.Hour
	var err error
	c, err = p.client.ep.DialWith(p.now, serverAddr, DialOptions{Token: []byte("token")})
	if err != nil {
		t.Fatal(err)
	}
	p.client.conn = c
	p.client.send(p, 0, []byte("hello"))
	p.advance(10 * time.Millisecond)
	if refusal != RefusedNot {
		return
	}
	other := bytes.Clone(v["init"])
	other[1] = 9
	v["version"] = secure.AppendVersion(nil, other)
	v["query"] = v["query"][:16] // zeros follow
	question := secure.AppendAsk(make([]byte, 0, secure.QuerySize), 0x7ed3bbf6004bbada, 1)
	v["ask"] = question[:16] // zeros follow
	v["about"] = secure.AppendAbout(nil, question, bytes.Repeat([]byte{0xaa}, secure.AboutPiece+4))
	for _, name := range []string{"init", "init-cookie"} {
		sum := sha256.Sum256(v[name])
		v[name+"-sha256"] = sum[:]
		v[name] = append(v[name][:116], v[name][secure.InitSize-16:]...) // what lies between is encrypted
	}
}

// TestDocumentedBytes holds docs/protocol.md against the code: every example in it is made by the
// code, and every example that the code makes is in it.
func TestDocumentedBytes(t *testing.T) {
	text, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	want := vectors(t)
	for _, m := range regexp.MustCompile("(?s)```hex session ([a-z0-9-]+)\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		doc, err := hex.DecodeString(strings.Join(strings.Fields(m[2]), ""))
		if err != nil {
			t.Errorf("example %s: %v", m[1], err)
		} else if !bytes.Equal(doc, want[m[1]]) {
			t.Errorf("example %s is\n%x\nin the document,\n%x\nin the code", m[1], doc, want[m[1]])
		}
		delete(want, m[1])
	}
	for name, b := range want {
		t.Errorf("example %s is not in the document:\n```hex session %s\n%s```", name, name, dump(b))
	}
}

// Each MUST of the document has a number of its own, which tests name.
func TestDocumentedMustsAreNumberedOnce(t *testing.T) {
	text, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`\*\*MUST (\d+)\*\*`).FindAllStringSubmatch(string(text), -1) {
		if seen[m[1]] {
			t.Errorf("MUST %s is there twice", m[1])
		}
		seen[m[1]] = true
	}
	if len(seen) == 0 {
		t.Error("no MUST found")
	}
}

// dump writes bytes the way the document does.
func dump(b []byte) (s string) {
	for i := 0; i < len(b); i += 16 {
		s += fmt.Sprintf("% x\n", b[i:min(len(b), i+16)])
	}
	return s
}
