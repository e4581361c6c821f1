package secure

import (
	"bytes"
	"encoding/binary"
	"errors"

	"github.com/flynn/noise"
)

// ErrInit is the error of ReadInit: an INIT that nobody made who knows the server's key, or that was altered.
var ErrInit = errors.New("secure: the INIT is not sound")

// Gate looks at an INIT before anything is computed for it that costs.
type Gate struct {
	mac1, retry *mac
}

// NewGate returns the gate of the server with a public key.
func NewGate(public [32]byte) *Gate {
	return &Gate{mac1: labelled(mac1Label, public), retry: labelled(retryLabel, public)}
}

// Check reports whether b has the size of an INIT and the MAC of somebody who knows the server's public key. It
// does not look at the version: size, version, client id and MAC1 are where they are in all versions.
func (g *Gate) Check(b []byte) bool {
	return len(b) == InitSize && same(g.mac1.of(b[:offPayload], nil), b[offMAC1:])
}

// AppendRetry writes the answer to an INIT that asks to send it again with a cookie. It tells nothing that the
// server would have to remember.
//
//	0 0x81 | 1 version | 2 zeros | 4 client id u64 | 12 cookie 20 | 32 MAC 16 over all before it and MAC1 of the INIT
func (g *Gate) AppendRetry(b []byte, init []byte, cookie []byte) []byte {
	start := len(b)
	b = append(b, TypeRetry, Version, 0, 0)
	b = append(b, init[8:16]...)
	b = append(b, cookie...)
	return append(b, g.retry.of(b[start:], init[offMAC1:])...)
}

// Responder is a server's side of one handshake: what the client said, and the state to answer it with.
type Responder struct {
	Hello
	Client [32]byte // the client's public key, which it proved to own unless the INIT is a replay

	state *noise.HandshakeState
	id    [8]byte
}

// ReadInit opens an INIT that the gate let pass, and makes the state to answer it with, whose ephemeral key follows
// from seed, to be used once. It costs two X25519 operations, and may run on any goroutine.
func ReadInit(own *Identity, b []byte, seed [32]byte) (*Responder, error) {
	if len(b) != InitSize || b[0] != TypeInit || b[1] != Version {
		return nil, ErrInit
	}
	cfg := noiseConfig(b, own)
	cfg.Random = bytes.NewReader(seed[:])
	state, err := noise.NewHandshakeState(cfg)
	if err != nil {
		return nil, err
	}
	payload, _, _, err := state.ReadMessage(nil, b[offNoise:offMAC1])
	if err != nil || len(payload) != payloadSize {
		return nil, ErrInit
	}
	h, ok := parseHello(payload)
	h.Suites = Suite(binary.LittleEndian.Uint16(b[2:]))
	if !ok || uint32(h.App) != binary.LittleEndian.Uint32(b[4:]) {
		return nil, ErrInit
	}
	return &Responder{Hello: h, Client: [32]byte(state.PeerStatic()), state: state, id: [8]byte(b[8:16])}, nil
}

// Choose returns the suite for records with this client among those in ours, 0 when there is none.
func (r *Responder) Choose(ours Suite) Suite { return choose(ours, r.Suites) }

// Answer writes the ACCEPT. When a.Status is 0 it has a ticket for t, whose secrets are filled in, sealed by
// key for a client at the address. It costs three X25519 operations, and is called once.
//
//	0 0x82 | 1 version | 2 zeros | 4 client id u64 | 12 e 32 | 44 params 32+16 | 92 ticket 178+n+16
func (r *Responder) Answer(b []byte, a Accept, key TicketKey, t Ticket, address []byte) ([]byte, error) {
	start := len(b)
	b = append(b, TypeAccept, Version, 0, 0)
	b = append(b, r.id[:]...)
	var params [paramsSize]byte
	a.put(params[:])
	b, up, down, err := r.state.WriteMessage(b, params[:])
	if err != nil {
		return nil, err
	}
	t.Secrets = Secrets{Suite: a.Suite, ToServer: up.UnsafeKey(), ToClient: down.UnsafeKey()}
	ticket := make([]byte, minTicket, MaxTicket) // of zeros: a refusal has the size of a welcome
	if a.Status == 0 {
		ticket = key.seal(ticket[:0], &t, address)
	}
	return append(b[:start], sealTicketCover(t.Secrets, b[start:], ticket)...), nil
}
