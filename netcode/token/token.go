// Package token makes and checks connect tokens: a backend's signed word that one client may enter one
// server for a short while. The backend holds the private key; a game server holds the public key
// alone, so that a server that was broken into cannot let anybody in elsewhere.
//
// A token is bound to the client's own key: who steals it cannot use it. It lives at most a minute and is
// used once; the session layer remembers its ID until then.
//
//	backend:  minter.Mint(token.Token{User: 42, Server: "eu-1", Client: key}, now)  -> bytes, to the client over HTTPS
//	client:   netcode.Dialer{ServerKey: ..., Token: bytes}
//	server:   verifier.Verify(bytes, client, now)
//
// The bytes (little-endian), as docs/protocol.md says:
//
//	  0 version 1 | 1 key id | 2 flags u16 (0) | 4 issued u64 | 12 expires u64, both in unix seconds | 20 id 16
//	 36 app u64 | 44 user u64 | 52 server 16 | 68 room 16 | 84 client's X25519 key 32 | 116 length of claims u16 | 118 claims
//	118+n Ed25519 signature 64, over "halftick token 1" and everything before it
package token

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"time"
)

const (
	// MaxLife is the longest that a token may live.
	MaxLife = time.Minute
	// MaxClaims is the most bytes of claims in a token.
	MaxClaims = 256
	// MaxSize is the size of the largest token in bytes; the smallest has 182.
	MaxSize = minSize + MaxClaims
	// MaxName is the most bytes of Server and of Room.
	MaxName = 16

	version  = 1
	bodySize = 118 // before the claims
	minSize  = bodySize + ed25519.SignatureSize
	context  = "halftick token 1"
)

// Token is what a backend says about a client.
type Token struct {
	KeyID   uint8     // which of the backend's keys signed it; set by Mint
	Issued  time.Time // set by Mint; whole seconds
	Expires time.Time // set by Mint when zero; at most MaxLife after Issued
	ID      [16]byte  // names the token, to be used once; set by Mint
	App     uint64    // AppID of the application; set by Mint

	User   uint64   // the backend's number for the player
	Server string   // the audience: the one server it is for, up to 16 bytes without NUL
	Room   string   // where on that server, up to 16 bytes without NUL; may be empty
	Client [32]byte // the client's X25519 public key
	Claims []byte   // the application's own, up to 256 bytes; the game must treat them as signed by the backend, not as harmless
}

// AppID is the number that stands for an application's name in a token: FNV-1a, 64 bits.
func AppID(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}

// appendBody writes all but the signature.
func (t *Token) appendBody(b []byte) []byte {
	b = append(b, version, t.KeyID, 0, 0)
	b = binary.LittleEndian.AppendUint64(b, uint64(t.Issued.Unix()))
	b = binary.LittleEndian.AppendUint64(b, uint64(t.Expires.Unix()))
	b = append(b, t.ID[:]...)
	b = binary.LittleEndian.AppendUint64(b, t.App)
	b = binary.LittleEndian.AppendUint64(b, t.User)
	b = appendName(b, t.Server)
	b = appendName(b, t.Room)
	b = append(b, t.Client[:]...)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(t.Claims)))
	return append(b, t.Claims...)
}

// parse reads a token without looking at its signature. Claims is borrowed from b.
func parse(b []byte) (t Token, err error) {
	if len(b) < minSize || len(b) > MaxSize {
		return t, fmt.Errorf("%w: %d bytes, want %d to %d", ErrMalformed, len(b), minSize, MaxSize)
	}
	if b[0] != version || b[2] != 0 || b[3] != 0 {
		return t, fmt.Errorf("%w: version %d with flags %d, want version %d without", ErrMalformed, b[0], binary.LittleEndian.Uint16(b[2:]), version)
	}
	if n := int(binary.LittleEndian.Uint16(b[116:])); n != len(b)-minSize {
		return t, fmt.Errorf("%w: it declares %d bytes of claims and has %d", ErrMalformed, n, len(b)-minSize)
	}
	t.KeyID = b[1]
	issued, expires := binary.LittleEndian.Uint64(b[4:]), binary.LittleEndian.Uint64(b[12:])
	if issued > maxUnix || expires > maxUnix {
		return t, fmt.Errorf("%w: its times are beyond the year 9999", ErrMalformed)
	}
	t.Issued, t.Expires = time.Unix(int64(issued), 0), time.Unix(int64(expires), 0)
	t.ID = [16]byte(b[20:36])
	t.App = binary.LittleEndian.Uint64(b[36:])
	t.User = binary.LittleEndian.Uint64(b[44:])
	var okServer, okRoom bool
	t.Server, okServer = parseName(b[52:68])
	t.Room, okRoom = parseName(b[68:84])
	if !okServer || !okRoom {
		return t, fmt.Errorf("%w: a name has something behind its end", ErrMalformed)
	}
	t.Client = [32]byte(b[84:116])
	t.Claims = b[bodySize : len(b)-ed25519.SignatureSize]
	return t, nil
}

// maxUnix is the last second of the year 9999: later times would overflow when compared.
const maxUnix = 253402300799

func appendName(b []byte, name string) []byte {
	var field [MaxName]byte
	copy(field[:], name)
	return append(b, field[:]...)
}

// parseName reads a name that is padded with NUL, and reports whether there is nothing but NUL behind it.
func parseName(b []byte) (string, bool) {
	n := 0
	for n < len(b) && b[n] != 0 {
		n++
	}
	for _, rest := range b[n:] {
		if rest != 0 {
			return "", false
		}
	}
	return string(b[:n]), true
}
