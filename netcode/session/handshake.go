package session

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"hash"
	"hash/crc32"
	"time"
)

// The handshake: one round trip, and nothing is stored here until the client's address is proved.
//
//	client                              server
//	INIT  1200 B, padded    ------->    answers from its secret alone; stores nothing
//	      <-------------------- ACCEPT  72 B: a ticket bound to the address, id and key; or a refusal
//	CONFIRM ticket + record ------->    checks the ticket: only now there is a session
//	      <-------------------- record
//
// No reply is larger than its request (ACCEPT is 0.06 of INIT, VERSION 0.02).
//
//	INIT     0 0x80 | 1 version | 2 suites u16 (0) | 4 app u64 | 12 schema u64 | 20 client id u64 | 28 zeros | 1196 checksum u32
//	ACCEPT   0 0x82 | 1 version | 2 refusal u8 | 3 ack delay u8, in ms | 4 client id u64 | 12 server's schema u64 |
//	         20 session id u32 | 24 key u64 | 32 issued u64, in us | 40 ticket MAC, 16 B | 56 zeros | 68 checksum u32
//	CONFIRM  0 0x83 | 1 version | 2 ack delay u8, in ms | 3 zero | 4 client id u64 | 12 session id u32 |
//	         16 issued u64 | 24 ticket MAC, 16 B | 40 a record to the server
//	VERSION  0 0x85 | 1 lowest version | 2 highest version | 3 zeros | 8 client id u64 | 16 checksum u32
//
// The checksum is CRC-32C over what precedes it: a damaged answer must not be taken for one.
// In this state of the protocol the key travels in the clear: see protect.go.
const (
	initSize    = MaxDatagram
	acceptSize  = 72
	confirmSize = 40
	versionSize = 20
	macSize     = 16
)

// dialState is what a client knows while it dials.
type dialState struct {
	clientID uint64
	again    time.Duration // when the next INIT leaves
	interval time.Duration
	until    time.Duration // when it gives up
	firstAt  time.Duration
	attempts int
	issued   uint64
	mac      [macSize]byte
}

// ticketMaker makes and checks tickets and session keys from the endpoint's secret.
type ticketMaker struct {
	mac hash.Hash
	buf [96]byte
	sum [sha256.Size]byte
}

func newTicketMaker(secret [32]byte) ticketMaker {
	return ticketMaker{mac: hmac.New(sha256.New, secret[:])}
}

// derive hashes everything a ticket is bound to; the first 16 bytes are the ticket's MAC, the next 8 the session's key.
func (t *ticketMaker) derive(from Path, clientID uint64, id uint32, issued uint64) (mac [macSize]byte, key uint64) {
	b := append(t.buf[:0], "halftick ticket 1"...)
	b = append(b, byte(from.Carrier))
	ip := from.Addr.Addr().As16()
	b = append(b, ip[:]...)
	b = binary.LittleEndian.AppendUint16(b, from.Addr.Port())
	b = binary.LittleEndian.AppendUint64(b, clientID)
	b = binary.LittleEndian.AppendUint32(b, id)
	b = binary.LittleEndian.AppendUint64(b, issued)
	t.mac.Reset()
	t.mac.Write(b)
	sum := t.mac.Sum(t.sum[:0])
	copy(mac[:], sum)
	return mac, binary.LittleEndian.Uint64(sum[macSize:])
}

// putChecksum fills the last four bytes of a handshake packet.
func putChecksum(b []byte) {
	n := len(b) - 4
	binary.LittleEndian.PutUint32(b[n:], crc32.Checksum(b[:n], castagnoli))
}

// checksumAgrees checks the last four bytes of a handshake packet of the given size.
func checksumAgrees(b []byte, size int) bool {
	return len(b) == size && binary.LittleEndian.Uint32(b[size-4:]) == crc32.Checksum(b[:size-4], castagnoli)
}

// transmitInit writes an INIT when one is due.
func (c *Conn) transmitInit(now time.Duration, buf []byte) int {
	d := &c.dial
	if now < d.again {
		return 0
	}
	b := buf[:initSize]
	clear(b)
	b[0], b[1] = typeInit, protocolVersion
	binary.LittleEndian.PutUint64(b[4:], c.ep.app)
	binary.LittleEndian.PutUint64(b[12:], c.ep.cfg.Schema)
	binary.LittleEndian.PutUint64(b[20:], d.clientID)
	putChecksum(b)
	if d.attempts == 0 {
		d.firstAt = now
	}
	d.attempts++
	d.again = now + d.interval
	d.interval = min(2*d.interval, maxInitInterval)
	c.stats.PacketsSent++
	c.stats.BytesSent += initSize
	return initSize
}

// onInit answers a client's INIT without storing anything.
func (e *Endpoint) onInit(now time.Duration, from Path, b []byte) {
	switch {
	case !e.listening:
		e.drop(DropNotListening)
		return
	case !checksumAgrees(b, initSize):
		e.drop(DropBadInit)
		return
	}
	clientID := binary.LittleEndian.Uint64(b[20:])
	if b[1] != protocolVersion {
		e.drop(DropRefused)
		e.reply(from, appendVersion(e.replyBuf[:0], clientID))
		return
	}
	refusal := e.refusalFor(from, binary.LittleEndian.Uint64(b[4:]), binary.LittleEndian.Uint64(b[12:]))
	e.reply(from, e.accept(now, from, clientID, refusal))
}

// refusalFor decides whether a client with this application and schema may come in.
func (e *Endpoint) refusalFor(from Path, app, schema uint64) Refusal {
	switch {
	case e.closing:
		return RefusedClosing
	case app != e.app:
		return RefusedApp
	case schema != e.cfg.Schema:
		return RefusedSchema
	}
	return e.full(from)
}

// accept returns an ACCEPT, valid until the next call.
func (e *Endpoint) accept(now time.Duration, from Path, clientID uint64, refusal Refusal) []byte {
	b := e.replyBuf[:acceptSize]
	clear(b)
	b[0], b[1], b[2], b[3] = typeAccept, protocolVersion, byte(refusal), byte(e.cfg.AckDelay/time.Millisecond)
	binary.LittleEndian.PutUint64(b[4:], clientID)
	binary.LittleEndian.PutUint64(b[12:], e.cfg.Schema)
	if refusal != RefusedNot {
		e.drop(DropRefused)
		e.stats.Refused++
		putChecksum(b)
		return b
	}
	id := e.freeID()
	issued := uint64(now / time.Microsecond)
	mac, key := e.tickets.derive(from, clientID, id, issued)
	binary.LittleEndian.PutUint32(b[20:], id)
	binary.LittleEndian.PutUint64(b[24:], key)
	binary.LittleEndian.PutUint64(b[32:], issued)
	copy(b[40:], mac[:])
	putChecksum(b)
	return b
}

func appendVersion(b []byte, clientID uint64) []byte {
	b = append(b, typeVersion, protocolVersion, protocolVersion, 0, 0, 0, 0, 0)
	b = append(binary.LittleEndian.AppendUint64(b, clientID), 0, 0, 0, 0)
	putChecksum(b)
	return b
}

// onAccept takes a server's answer to one of our dials.
func (e *Endpoint) onAccept(now time.Duration, from Path, b []byte) {
	c := e.byPath[from]
	if !checksumAgrees(b, acceptSize) || b[1] != protocolVersion || c == nil || c.state != dialing ||
		binary.LittleEndian.Uint64(b[4:]) != c.dial.clientID {
		e.drop(DropBadAccept)
		return
	}
	if refusal := Refusal(b[2]); refusal != RefusedNot {
		c.finish(now, &CloseError{Code: CloseRefused, Remote: true, Refusal: refusal,
			Local: e.cfg.Schema, Peer: binary.LittleEndian.Uint64(b[12:])})
		return
	}
	c.id = binary.LittleEndian.Uint32(b[20:])
	c.key = binary.LittleEndian.Uint64(b[24:])
	c.dial.issued = binary.LittleEndian.Uint64(b[32:])
	copy(c.dial.mac[:], b[40:])
	c.peerDelay = min(maxAckDelay, time.Duration(b[3])*time.Millisecond)
	if c.dial.attempts == 1 {
		c.rtt.update(now-c.dial.firstAt, 0) // unambiguous: only one INIT was sent
	}
	c.state = confirming
	c.heardAt = now
	c.markReady()
	e.schedule(c)
}

// onVersion takes a server's word that it speaks other versions.
func (e *Endpoint) onVersion(now time.Duration, from Path, b []byte) {
	c := e.byPath[from]
	if !checksumAgrees(b, versionSize) || c == nil || c.state != dialing || binary.LittleEndian.Uint64(b[8:]) != c.dial.clientID {
		e.drop(DropBadAccept)
		return
	}
	c.finish(now, &CloseError{Code: CloseRefused, Remote: true, Refusal: RefusedVersion,
		Local: protocolVersion, Peer: uint64(b[2])})
}

// appendConfirm writes the CONFIRM that goes before each record until the server has answered one.
func (c *Conn) appendConfirm(buf []byte) int {
	b := buf[:confirmSize]
	clear(b)
	b[0], b[1], b[2] = typeConfirm, protocolVersion, byte(c.ep.cfg.AckDelay/time.Millisecond)
	binary.LittleEndian.PutUint64(b[4:], c.dial.clientID)
	binary.LittleEndian.PutUint32(b[12:], c.id)
	binary.LittleEndian.PutUint64(b[16:], c.dial.issued)
	copy(b[24:], c.dial.mac[:])
	return confirmSize
}

// onConfirm takes a ticket back. Its first record creates the session; later copies just carry records.
func (e *Endpoint) onConfirm(now time.Duration, from Path, b []byte) {
	if len(b) < confirmSize || b[1] != protocolVersion {
		e.drop(DropShort)
		return
	}
	clientID, id := binary.LittleEndian.Uint64(b[4:]), binary.LittleEndian.Uint32(b[12:])
	issued := binary.LittleEndian.Uint64(b[16:])
	record := b[confirmSize:]
	h, ok := parseHeader(record)
	if !ok || h.dir != toServer || h.id != id {
		e.drop(DropMalformed)
		return
	}
	if e.byID[id] != nil {
		e.onRecord(now, from, record)
		return
	}
	mac, key := e.tickets.derive(from, clientID, id, issued)
	age := now/time.Microsecond - time.Duration(issued)
	switch {
	case subtle.ConstantTimeCompare(mac[:], b[24:40]) != 1 || age < 0 || age > ticketAge/time.Microsecond:
		e.drop(DropBadTicket)
	case !e.listening || e.closing:
		e.drop(DropNotListening)
	case e.full(from) != RefusedNot:
		e.reply(from, e.accept(now, from, clientID, e.full(from)))
	default:
		e.admit(now, from, id, key, time.Duration(b[2])*time.Millisecond, age*time.Microsecond, h, record)
	}
}

// admit makes the session that a ticket allows, if the record that came with it is sound.
func (e *Endpoint) admit(now time.Duration, from Path, id uint32, key uint64, peerDelay, rtt time.Duration, h recordHeader, record []byte) {
	if _, ok := open(key, toServer, extend(h.pn24, 24, 0), record, h.size); !ok {
		e.drop(DropDamaged)
		return
	}
	e.replaced(now, from)
	c := newConn(e, now, from, toClient)
	c.id, c.key, c.state = id, key, confirming
	c.dial.until = now + e.cfg.DialTimeout
	c.peerDelay = min(maxAckDelay, peerDelay)
	if h.pn24 == 0 {
		c.rtt.update(rtt, 0) // unambiguous: it is the first CONFIRM that was sent
	}
	e.byID[id] = c
	e.remember(c)
	e.accepted++
	c.receive(now, from, h, record)
	if !c.opened && c.state != over {
		e.accepted--
		e.forget(c)
	}
}
