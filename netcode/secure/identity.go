package secure

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"

	"github.com/flynn/noise"
	"golang.org/x/crypto/blake2s"
	"golang.org/x/crypto/curve25519"
)

// Identity is a long-term X25519 key pair. It does not change and may be used by several goroutines.
type Identity struct {
	pair   noise.DHKey
	public [32]byte
}

// NewIdentity returns the identity of a private key, any 32 bytes.
func NewIdentity(private [32]byte) (*Identity, error) {
	public, err := curve25519.X25519(private[:], curve25519.Basepoint)
	if err != nil {
		return nil, err
	}
	return &Identity{pair: noise.DHKey{Private: private[:], Public: public}, public: [32]byte(public)}, nil
}

// Public returns the public key.
func (id *Identity) Public() [32]byte { return id.public }

// Derive returns 32 bytes that follow from a secret for one use, which the label names: HKDF-Expand with SHA-256
// (RFC 5869 section 2.3).
func Derive(secret [32]byte, label string) (out [32]byte) {
	expand(out[:], secret[:], label)
	return out
}

// expand fills out from a uniformly random secret.
func expand(out, secret []byte, label string) {
	b, err := hkdf.Expand(sha256.New, secret, label, len(out))
	if err != nil {
		panic("secure: " + err.Error()) // only for lengths above 255 hashes
	}
	copy(out, b)
}

// labelled returns MACs that whoever knows the public key can make: their key is BLAKE2s of a label and that.
func labelled(label string, public [32]byte) *mac {
	key := blake2s.Sum256(append([]byte(label), public[:]...))
	return newMAC(key[:])
}

// noiseConfig is what both sides of a handshake agree on. The prologue covers version, suites, application and
// client id: who alters them on the way makes the handshake fail.
func noiseConfig(head []byte, own *Identity) noise.Config {
	return noise.Config{
		CipherSuite:   noise.NewCipherSuite(noise.DH25519, noise.CipherChaChaPoly, noise.HashBLAKE2s),
		Pattern:       noise.HandshakeIK,
		Prologue:      append([]byte("halftick 2"), head[:headSize]...),
		StaticKeypair: own.pair,
	}
}

// Secrets are what the keys of a session's two directions follow from.
type Secrets struct {
	Suite              Suite
	ToServer, ToClient [32]byte
}

// Hello is what a client says of itself in INIT.
type Hello struct {
	Suites   Suite  // the ones it takes, as a set
	App      uint64 // what stands for the application and its channels
	Schema   uint64
	Datagram uint16 // the largest it takes
	AckDelay uint8  // the longest it holds an acknowledgement back, in ms
	Probe    bool   // it has a session and only asks whether the server is still the same
	Token    []byte // at most MaxToken bytes
	Resume   []byte // of ResumeSize bytes, or none: the session it had
}

// helloSize is the size of a Hello without its token and Resume:
//
//	0 app u64 | 8 schema u64 | 16 datagram u16 | 18 ack delay u8 | 19 flags u8: bit 0 probe, bit 1 a Resume |
//	20 length of token u16 | 22 token | Resume
const helloSize = 22

func (h *Hello) put(b []byte) {
	binary.LittleEndian.PutUint64(b, h.App)
	binary.LittleEndian.PutUint64(b[8:], h.Schema)
	binary.LittleEndian.PutUint16(b[16:], h.Datagram)
	b[18] = h.AckDelay
	b[19] = flag(h.Probe, 1) | flag(len(h.Resume) == ResumeSize, 2)
	binary.LittleEndian.PutUint16(b[20:], uint16(len(h.Token)))
	copy(b[helloSize:], h.Token)
	if len(h.Resume) == ResumeSize {
		copy(b[helloSize+len(h.Token):], h.Resume)
	}
}

// parseHello reads what put wrote. Token and Resume are borrowed from b.
func parseHello(b []byte) (h Hello, ok bool) {
	n := int(binary.LittleEndian.Uint16(b[20:]))
	if n > MaxToken || b[19] > 3 {
		return h, false
	}
	var resume []byte
	if rest := b[helloSize+n:]; b[19]&2 != 0 {
		resume = rest[:ResumeSize]
	}
	return Hello{
		App: binary.LittleEndian.Uint64(b), Schema: binary.LittleEndian.Uint64(b[8:]),
		Datagram: binary.LittleEndian.Uint16(b[16:]), AckDelay: b[18], Probe: b[19]&1 != 0,
		Token: b[helloSize : helloSize+n], Resume: resume,
	}, true
}

// Accept is a server's answer, readable by the client alone.
type Accept struct {
	Status   uint8  // 0, or why the client may not come in; the session layer gives the numbers their meaning
	AckDelay uint8  // the longest the server holds an acknowledgement back, in ms
	Suite    Suite  // the one chosen
	Datagram uint16 // the largest the server takes
	Session  uint32 // the number of the session
	Boot     uint64 // differs after each start of the server
	Schema   uint64 // the server's
}

// put writes the parameters: 0 status u8 | 1 ack delay u8 | 2 datagram u16 | 4 session u32 | 8 boot u64 |
// 16 schema u64 | 24 suite u8 | 25 zeros.
func (a *Accept) put(b []byte) {
	b[0], b[1], b[24] = a.Status, a.AckDelay, byte(a.Suite)
	binary.LittleEndian.PutUint16(b[2:], a.Datagram)
	binary.LittleEndian.PutUint32(b[4:], a.Session)
	binary.LittleEndian.PutUint64(b[8:], a.Boot)
	binary.LittleEndian.PutUint64(b[16:], a.Schema)
}

func parseAccept(b []byte) (a Accept, ok bool) {
	a = Accept{
		Status: b[0], AckDelay: b[1], Datagram: binary.LittleEndian.Uint16(b[2:]),
		Session: binary.LittleEndian.Uint32(b[4:]), Boot: binary.LittleEndian.Uint64(b[8:]),
		Schema: binary.LittleEndian.Uint64(b[16:]), Suite: Suite(b[24]),
	}
	return a, a.Suite == AES128GCM || a.Suite == ChaCha20Poly1305
}
