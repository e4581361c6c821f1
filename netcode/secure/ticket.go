package secure

import (
	"crypto/cipher"
	"encoding/binary"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

// Ticket is a session that does not exist yet: the server gives it, sealed, to the client, who brings it back from
// the address that it was made for. Times are those of the server's clock.
type Ticket struct {
	Secrets
	ID       [16]byte // what may be used once: a token's, or a random one
	User     uint64
	Client   [32]byte // the client's public key
	Session  uint32
	Issued   time.Duration
	Spent    time.Duration // until when ID must be remembered after its use
	AckDelay uint8         // of the client, in ms
	Datagram uint16        // the largest the client takes
	Resumes  uint32        // the session that is to be resumed; 0: none
	Claims   []byte        // at most MaxClaims bytes
}

const (
	// MaxTicket is the size of the longest ticket in bytes.
	MaxTicket = minTicket + MaxClaims

	ticketHead = 12  // epoch u32, counter u64
	ticketBody = 150 // without claims
	minTicket  = ticketHead + ticketBody + tagSize

	ticketKeyLife  = 60 * time.Second // of a key for new tickets
	ticketKeyAfter = 15 * time.Second // more for opening them
)

// Tickets has the keys that tickets are sealed with. A key is made when it is needed, used for 60 s and
// forgotten 15 s later: from then on nobody can open what was recorded, the server included.
type Tickets struct {
	random  *Random
	keys    [2]ticketKey // the newest first
	epoch   uint32
	scratch [ticketBody + MaxClaims]byte
}

type ticketKey struct {
	aead  cipher.AEAD // nil when there is none
	epoch uint32
	made  time.Duration
	used  uint64 // counts the tickets sealed, for nonces
}

// TicketKey seals one ticket.
type TicketKey struct {
	aead  cipher.AEAD
	epoch uint32
	count uint64
}

// NewTickets returns tickets whose keys are drawn from random.
func NewTickets(random *Random) *Tickets { return &Tickets{random: random} }

// Key returns what seals one ticket now. Other goroutines may use it.
func (t *Tickets) Key(now time.Duration) TicketKey {
	t.Expire(now)
	k := &t.keys[0]
	if k.aead == nil || now-k.made >= ticketKeyLife {
		secret := t.random.Key()
		t.keys[1] = t.keys[0]
		t.epoch++
		*k = ticketKey{epoch: t.epoch, made: now}
		k.aead, _ = chacha20poly1305.New(secret[:]) // fails for keys of another size only
	}
	k.used++
	return TicketKey{k.aead, k.epoch, k.used}
}

// Expire forgets the keys whose time is over.
func (t *Tickets) Expire(now time.Duration) {
	for i := range t.keys {
		if k := &t.keys[i]; k.aead != nil && now-k.made >= ticketKeyLife+ticketKeyAfter {
			*k = ticketKey{}
		}
	}
}

// NextExpiry returns when Expire has something to do, if ever.
func (t *Tickets) NextExpiry() (at time.Duration, ok bool) {
	for _, k := range t.keys { // the older one, when there are two, comes last
		if k.aead != nil {
			at, ok = k.made+ticketKeyLife+ticketKeyAfter, true
		}
	}
	return at, ok
}

func ticketNonce(head []byte) (nonce [nonceSize]byte) {
	copy(nonce[4:], head[4:])
	return nonce
}

// seal appends the sealed ticket to b, which is empty. The nonce counts, it is never random.
//
//	0 epoch u32 | 4 counter u64 | 12 sealed: to server 32 | to client 32 | id 16 | user u64 | client 32 | session u32 |
//	issued u64 | spent u64, in us | suite u8 | ack delay u8 | datagram u16 | resumes u32 | length of claims u16 | claims | tag 16
func (k TicketKey) seal(b []byte, t *Ticket, address []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, k.epoch)
	b = binary.LittleEndian.AppendUint64(b, k.count)
	b = append(b, t.ToServer[:]...)
	b = append(b, t.ToClient[:]...)
	b = append(b, t.ID[:]...)
	b = binary.LittleEndian.AppendUint64(b, t.User)
	b = append(b, t.Client[:]...)
	b = binary.LittleEndian.AppendUint32(b, t.Session)
	b = binary.LittleEndian.AppendUint64(b, uint64(t.Issued/time.Microsecond))
	b = binary.LittleEndian.AppendUint64(b, uint64(t.Spent/time.Microsecond))
	b = append(b, byte(t.Suite), t.AckDelay)
	b = binary.LittleEndian.AppendUint16(b, t.Datagram)
	b = binary.LittleEndian.AppendUint32(b, t.Resumes)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(t.Claims)))
	b = append(b, t.Claims...)
	nonce := ticketNonce(b)
	return k.aead.Seal(b[:ticketHead], nonce[:], b[ticketHead:], ticketData(address))
}

// ticketData binds a ticket to the address of the client that it was made for.
func ticketData(address []byte) []byte { return append([]byte("halftick ticket 2"), address...) }

// Open opens a ticket that a client at address brings back. Claims is borrowed until the next Open.
func (t *Tickets) Open(now time.Duration, b, address []byte) (k Ticket, ok bool) {
	t.Expire(now)
	if len(b) < minTicket || len(b) > MaxTicket {
		return k, false
	}
	epoch := binary.LittleEndian.Uint32(b)
	for i := range t.keys {
		if key := &t.keys[i]; key.aead != nil && key.epoch == epoch {
			nonce := ticketNonce(b)
			body, err := key.aead.Open(t.scratch[:0], nonce[:], b[ticketHead:], ticketData(address))
			if err != nil {
				return k, false
			}
			return parseTicket(body)
		}
	}
	return k, false
}

func parseTicket(b []byte) (k Ticket, ok bool) {
	k.ToServer, k.ToClient = [32]byte(b), [32]byte(b[32:])
	k.ID = [16]byte(b[64:])
	k.User = binary.LittleEndian.Uint64(b[80:])
	k.Client = [32]byte(b[88:])
	k.Session = binary.LittleEndian.Uint32(b[120:])
	k.Issued = time.Duration(binary.LittleEndian.Uint64(b[124:])) * time.Microsecond
	k.Spent = time.Duration(binary.LittleEndian.Uint64(b[132:])) * time.Microsecond
	k.Suite, k.AckDelay = Suite(b[140]), b[141]
	k.Datagram = binary.LittleEndian.Uint16(b[142:])
	k.Resumes = binary.LittleEndian.Uint32(b[144:])
	k.Claims = b[ticketBody:]
	return k, int(binary.LittleEndian.Uint16(b[148:])) == len(k.Claims)
}
