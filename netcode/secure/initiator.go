package secure

import (
	"bytes"
	"encoding/binary"

	"github.com/flynn/noise"
	"golang.org/x/crypto/chacha20poly1305"
)

// mac1Label and retryLabel name the keys of MAC1 and of RETRY, which follow from the server's public key.
const (
	mac1Label  = "halftick mac1"
	retryLabel = "halftick retry"
)

// Initiator is a client's side of one handshake.
type Initiator struct {
	own     *Identity
	server  [32]byte
	seed    [32]byte // of the ephemeral key
	payload [payloadSize]byte
	state   *noise.HandshakeState // nil once an answer has used it up
	packet  [InitSize]byte
	mac1    *mac
	retry   *mac
}

// NewInitiator starts a handshake with the server that has the public key server. The ephemeral key follows from
// seed, which is used once. id is random: the server's answers name it.
func NewInitiator(own *Identity, server [32]byte, id uint64, seed [32]byte, h Hello) (*Initiator, error) {
	i := &Initiator{own: own, server: server, seed: seed, mac1: labelled(mac1Label, server), retry: labelled(retryLabel, server)}
	b := i.packet[:]
	b[0], b[1] = TypeInit, Version
	binary.LittleEndian.PutUint16(b[2:], uint16(h.Suites))
	binary.LittleEndian.PutUint32(b[4:], uint32(h.App))
	binary.LittleEndian.PutUint64(b[8:], id)
	h.put(i.payload[:])
	message, err := i.restart()
	if err != nil {
		return nil, err
	}
	copy(b[offNoise:], message)
	i.sign()
	return i, nil
}

// restart makes the Noise state anew and returns the first message, which is always the same.
func (i *Initiator) restart() ([]byte, error) {
	cfg := noiseConfig(i.packet[:], i.own)
	cfg.Initiator, cfg.PeerStatic, cfg.Random = true, i.server[:], bytes.NewReader(i.seed[:])
	state, err := noise.NewHandshakeState(cfg)
	if err != nil {
		return nil, err
	}
	message, _, _, err := state.WriteMessage(nil, i.payload[:])
	i.state = state
	return message, err
}

// sign computes MAC1, which covers everything that Noise does not.
func (i *Initiator) sign() {
	copy(i.packet[offMAC1:], i.mac1.of(i.packet[:offPayload], nil))
}

// Packet returns the INIT to send, as often as needed. It changes with Retry.
func (i *Initiator) Packet() []byte { return i.packet[:] }

// Retry takes a RETRY and reports whether it is the server's answer to the present INIT and has a new cookie.
func (i *Initiator) Retry(b []byte) bool {
	if len(b) != RetrySize || b[0] != TypeRetry || b[1] != Version || b[2]|b[3] != 0 || !bytes.Equal(b[4:12], i.packet[8:16]) {
		return false
	}
	// The MAC binds it to the INIT that it answers: who did not see that cannot make it.
	if !same(i.retry.of(b[:RetrySize-macSize], i.packet[offMAC1:]), b[RetrySize-macSize:]) || bytes.Equal(b[12:12+cookieSize], i.packet[offCookie:offNoise]) {
		return false
	}
	copy(i.packet[offCookie:offNoise], b[12:])
	i.sign()
	return true
}

// Accept takes an ACCEPT. Only the server that holds the key can have made it, for this INIT. The ticket is a copy.
// A forged one changes nothing.
func (i *Initiator) Accept(b []byte) (a Accept, s Secrets, ticket []byte, ok bool) {
	if len(b) < acceptFixed+minTicket || len(b) > MaxReply || b[0] != TypeAccept || b[1] != Version || b[2]|b[3] != 0 ||
		!bytes.Equal(b[4:12], i.packet[8:16]) {
		return a, s, nil, false
	}
	if i.state == nil {
		if _, err := i.restart(); err != nil {
			return a, s, nil, false
		}
	}
	params, up, down, err := i.state.ReadMessage(nil, b[acceptHead:offTicket])
	i.state = nil
	if err != nil || len(params) != paramsSize {
		return a, s, nil, false
	}
	if a, ok = parseAccept(params); !ok || a.Suite&Suite(i.packet[2]) == 0 {
		return a, s, nil, false
	}
	s = Secrets{Suite: a.Suite, ToServer: up.UnsafeKey(), ToClient: down.UnsafeKey()}
	ticket, ok = openTicketCover(s, b)
	return a, s, ticket, ok
}

// The ticket is not part of the Noise message, since the session's secrets that it holds follow from that. It is
// sealed under a key of its own, with everything before it as associated data.
func ticketCover(s Secrets) []byte {
	key := Derive(s.ToClient, "halftick ticket")
	return key[:]
}

func sealTicketCover(s Secrets, b, ticket []byte) []byte {
	aead, _ := chacha20poly1305.New(ticketCover(s)) // fails for keys of another size only
	var nonce [nonceSize]byte                       // the key is used once
	return aead.Seal(b, nonce[:], ticket, b)
}

func openTicketCover(s Secrets, b []byte) ([]byte, bool) {
	aead, _ := chacha20poly1305.New(ticketCover(s))
	var nonce [nonceSize]byte
	ticket, err := aead.Open(nil, nonce[:], b[offTicket:], b[:offTicket])
	return ticket, err == nil
}
