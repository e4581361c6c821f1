package secure

import (
	"crypto/cipher"
	"encoding/binary"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

// Resume is a server's word that a client had a session: sealed, the client keeps it and brings it back in the Hello of a later
// handshake, to have what it had. It is worth nothing without the client's private key.
type Resume struct {
	Boot    uint64 // of the server then
	Session uint32
	User    uint64
	Client  [32]byte      // the client's public key
	Issued  time.Duration // on the server's clock
}

// ResumeSize is the size of a sealed Resume in bytes.
const ResumeSize = chacha20poly1305.NonceSizeX + resumeBody + tagSize

const resumeBody = 60

const resumeData = "halftick resume 2"

// Resumer seals and opens Resumes. Its key follows from the server's private key, so that it lasts as long. It may be used by
// several goroutines.
type Resumer struct{ aead cipher.AEAD }

// NewResumer returns the Resumer of a server.
func NewResumer(own *Identity) *Resumer {
	key := Derive([32]byte(own.pair.Private), "halftick resume")
	aead, _ := chacha20poly1305.NewX(key[:]) // fails for keys of another size only
	return &Resumer{aead}
}

// Append appends the sealed r to b. The nonce is random: a server that was started again with its key does not know
// how far it had counted, and of 192 bits none comes twice.
//
//	0 nonce 24 | sealed: boot u64 | session u32 | user u64 | client 32 | issued u64, in us | tag 16
func (s *Resumer) Append(b []byte, random *Random, r *Resume) []byte {
	var nonce [chacha20poly1305.NonceSizeX]byte
	random.Read(nonce[:])
	b = append(b, nonce[:]...)
	var body [resumeBody]byte
	binary.LittleEndian.PutUint64(body[:], r.Boot)
	binary.LittleEndian.PutUint32(body[8:], r.Session)
	binary.LittleEndian.PutUint64(body[12:], r.User)
	copy(body[20:], r.Client[:])
	binary.LittleEndian.PutUint64(body[52:], uint64(r.Issued/time.Microsecond))
	return s.aead.Seal(b, nonce[:], body[:], []byte(resumeData))
}

// Open reads what Append made.
func (s *Resumer) Open(b []byte) (r Resume, ok bool) {
	if len(b) != ResumeSize {
		return r, false
	}
	body, err := s.aead.Open(nil, b[:chacha20poly1305.NonceSizeX], b[chacha20poly1305.NonceSizeX:], []byte(resumeData))
	if err != nil {
		return r, false
	}
	return Resume{
		Boot: binary.LittleEndian.Uint64(body), Session: binary.LittleEndian.Uint32(body[8:]), User: binary.LittleEndian.Uint64(body[12:]),
		Client: [32]byte(body[20:]), Issued: time.Duration(binary.LittleEndian.Uint64(body[52:])) * time.Microsecond,
	}, true
}
