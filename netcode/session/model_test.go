package session

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// A model of a session in lists: what was sent, and what each kind of channel promises of it. Scripts of
// operations run on two real endpoints with an adversary between them who sees every datagram, and who may drop, delay,
// repeat, alter and invent them. In the end the model says whether the promises were kept.
type model struct {
	*pair
	sent     [2][]int // per side and channel: messages sent
	receipts [2]map[uint64]int
	token    uint64
	seen     [][]byte // datagrams, the newest modelMemory
	rebinds  int
}

// modelMemory is how many datagrams the adversary remembers, modelRebinds how often a client's address changes.
const (
	modelMemory   = 128
	modelRebinds  = 3
	modelChannels = 6 // one of each kind
	modelKeys     = 3 // of the channel that has keys: message i is of key i modulo 3
)

func newModel(t tb, seed uint64) *model {
	m := &model{pair: connected(t, seed, link{delay: 10 * time.Millisecond}, everyKind, func(c, s *Config) {
		c.IdleTimeout, s.IdleTimeout = time.Hour, time.Hour
		c.KeepAlive, s.KeepAlive = time.Second, time.Second
	})}
	for i := range m.sent {
		m.sent[i] = make([]int, modelChannels)
		m.receipts[i] = map[uint64]int{}
	}
	m.tap = func(_ *side, b []byte) {
		if len(m.seen) == modelMemory {
			m.seen = slices.Delete(m.seen, 0, 1)
		}
		m.seen = append(m.seen, bytes.Clone(b))
	}
	return m
}

func (m *model) side(i byte) *side { return []*side{m.client, m.server}[i%2] }

// script is the bytes that a run is made of; when they are used up it reads zeros.
type script struct{ b []byte }

func (s *script) next() (v byte) {
	if len(s.b) > 0 {
		v, s.b = s.b[0], s.b[1:]
	}
	return v
}

func (s *script) take(n int) []byte {
	n = min(n, len(s.b))
	v := s.b[:n]
	s.b = s.b[n:]
	return v
}

// modelSizes are message sizes around every limit.
var modelSizes = []int{4, 5, 40, 41, 128, 129, 700, 1100, 1101, 3000, 16 << 10}

// run does what the script says, at most 300 operations.
func (m *model) run(s *script) {
	for n := 0; len(s.b) > 0 && n < 300; n++ {
		switch op := s.next(); op % 14 {
		default:
			m.send(s.next(), s.next(), int(s.next()))
		case 4:
			m.advance(time.Duration(s.next()) * 200 * time.Microsecond)
		case 5:
			m.link.loss, m.link.duplicate = float64(s.next())/512, float64(s.next())/512
			m.link.jitter, m.link.corrupt = time.Duration(s.next())*100*time.Microsecond, float64(s.next())/1024
		case 6:
			from, until := m.now, m.now+time.Duration(s.next())*2*time.Millisecond
			m.link.down = func(now time.Duration) bool { return now >= from && now < until }
		case 7:
			m.replay(s)
		case 8:
			m.forge(s)
		case 9:
			m.inject(s.next(), s.next(), s.take(int(s.next())%48))
		case 10:
			if m.rebinds < modelRebinds {
				m.rebinds++
				m.client.path.Addr = mustPort(clientAddr, 6000+uint16(m.rebinds))
			}
		case 11:
			m.advance(time.Duration(s.next()) * 5 * time.Millisecond)
		case 12:
			_ = m.client.conn.Use(m.now, []Path{serverAddr, serverTCP}[s.next()%2]) // it may have moved too often
		case 13:
			m.gone()
		}
	}
}

// send sends the next message of a side on a channel, every third with a receipt.
func (m *model) send(who, channel byte, size int) {
	i, s := who%2, m.side(who)
	k := int(channel) % modelChannels
	b := numbered(m.sent[i][k], modelSizes[size%len(modelSizes)])
	var err error
	key := uint64(m.sent[i][k] % modelKeys)
	m.token++
	asked := m.token%3 == 0
	switch {
	case k == onLatest && asked:
		err = s.conn.SendKeyedReceipt(m.now, k, key, b, m.token)
	case k == onLatest:
		err = s.conn.SendKeyed(m.now, k, key, b)
	case asked:
		err = s.conn.SendReceipt(m.now, k, b, m.token)
	default:
		err = s.conn.Send(m.now, k, b)
	}
	if err == nil && asked {
		m.receipts[i][m.token] = 0
	}
	if err == nil {
		m.sent[i][k]++
	} else if err != ErrQueueFull {
		m.t.Fatalf("Send of %d bytes on channel %d: %v", len(b), k, err)
	}
}

// replay brings an old datagram again, to both ends, from where it came from or from elsewhere.
func (m *model) replay(s *script) {
	if len(m.seen) > 0 {
		m.inject(s.next(), s.next(), m.seen[int(s.next())%len(m.seen)])
	}
}

// forge brings an old datagram again, altered.
func (m *model) forge(s *script) {
	if len(m.seen) == 0 {
		return
	}
	b := bytes.Clone(m.seen[int(s.next())%len(m.seen)])
	for _, by := range s.take(3) {
		b[int(by)%min(len(b), 64)] ^= 1 << (by % 8)
	}
	m.inject(s.next(), s.next(), b[:len(b)-int(s.next())%min(len(b), 8)])
}

func (m *model) inject(who, where byte, b []byte) {
	to := m.side(who)
	from := []Path{m.side(who + 1).path, {Carrier: UDP, Addr: mustAddr("6.6.6.6:666")}}[where%2]
	to.ep.Receive(m.now, from, b)
	m.take(to)
}

// settle heals the link and waits until everything reliable is there and the fate of all else is known: up to a quarter of a minute, when
// the client has used up its moves.
func (m *model) settle() {
	m.link = link{delay: 10 * time.Millisecond}
	if err := m.client.conn.Use(m.now, serverAddr); err != nil {
		m.t.Fatal(err)
	}
	settled := func(s *side) bool { st := s.conn.Stats(); return st.ReliableQueue+st.QueuedBytes+st.InFlight == 0 }
	m.until(10*time.Minute, func() bool { return settled(m.client) && settled(m.server) })
	m.advance(5 * time.Second)
}

// check holds what happened against what was promised.
func (m *model) check() error {
	for i, s := range []*side{m.client, m.server} {
		peer := m.side(byte(i) + 1)
		if n := s.count(Opened); n != 1 {
			return fmt.Errorf("side %d: %d sessions were opened", i, n)
		}
		if s.count(Closed) != 0 {
			return fmt.Errorf("side %d: the session ended: %v", i, s.conn.Err())
		}
		for k, n := range m.sent[i] {
			if err := promised(s.ep.Kind(k), n, peer.on(k)); err != nil {
				return fmt.Errorf("from side %d on channel %d: %w", i, k, err)
			}
		}
		if err := m.checkReceipts(i, s); err != nil {
			return err
		}
	}
	return nil
}

// checkReceipts: each receipt is told once, and one of a reliable message says that it arrived.
func (m *model) checkReceipts(i int, s *side) error {
	for _, ev := range s.events {
		if ev.Kind == Acked || ev.Kind == Lost {
			if _, asked := m.receipts[i][ev.Token]; !asked {
				return fmt.Errorf("side %d: a receipt %d that nobody asked for", i, ev.Token)
			}
			m.receipts[i][ev.Token]++
		}
	}
	for token, n := range m.receipts[i] {
		if n != 1 {
			return fmt.Errorf("side %d: receipt %d was told %d times", i, token, n)
		}
	}
	return nil
}

// promised says which promise of a kind of channel what came of n messages breaks.
func promised(kind ChannelKind, n int, got [][]byte) error {
	last, times := -1, make([]int, n)
	lastOf := [modelKeys]int{-1, -1, -1}
	for _, b := range got {
		i := int(binary.LittleEndian.Uint32(b))
		switch {
		case i >= n || !bytes.Equal(b, numbered(i, len(b))):
			return fmt.Errorf("message %d of %d bytes was never sent", i, len(b))
		case times[i] > 0:
			return fmt.Errorf("message %d came twice", i)
		case (kind == ReliableOrdered || kind == Bulk) && i != last+1, kind == Sequenced && i < last:
			return fmt.Errorf("message %d came after %d", i, last)
		case kind == ReliableLatest && i < lastOf[i%modelKeys]:
			return fmt.Errorf("value %d of key %d came after %d", i, i%modelKeys, lastOf[i%modelKeys])
		}
		times[i]++
		last, lastOf[i%modelKeys] = i, i
	}
	if kind.Reliable() && kind != ReliableLatest && len(got) != n {
		return fmt.Errorf("%d of %d reliable messages came", len(got), n)
	}
	for i := max(0, n-modelKeys); kind == ReliableLatest && i < n; i++ {
		if times[i] != 1 {
			return fmt.Errorf("value %d, the last of key %d, did not come", i, i%modelKeys)
		}
	}
	return nil
}

// runModel runs one script and returns the promise that was broken.
func runModel(t tb, seed uint64, b []byte) error {
	m := newModel(t, seed)
	m.run(&script{b})
	m.settle()
	return m.check()
}

// randomScript is mostly messages and short pauses on a link that is getting worse and better, with some mischief.
func randomScript(rnd *rand.Rand) (b []byte) {
	for range 20 + rnd.IntN(280) {
		op := []byte{0, 0, 0, 0, 0, 0, 4, 4, 4, 4, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}[rnd.IntN(20)]
		args := []int{0: 3, 4: 1, 5: 4, 6: 1, 7: 3, 8: 7, 9: 3, 10: 0, 11: 1, 12: 1, 13: 0}[op]
		b = append(b, op)
		for range args {
			b = append(b, byte(rnd.Uint32()))
		}
		if op == 9 {
			for range b[len(b)-1] % 48 {
				b = append(b, byte(rnd.Uint32()))
			}
		}
	}
	return b
}

// TestModel runs random scripts; a failure names the seed that makes it again.
func TestModel(t *testing.T) {
	n := uint64(40)
	if soaking() {
		n = uint64(*soakMessages / 1000)
	}
	for seed := range n {
		if err := runModel(t, seed, randomScript(rand.New(rand.NewPCG(seed, 7)))); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

// FuzzModel lets the fuzzer write the script.
func FuzzModel(f *testing.F) {
	f.Add(uint64(1), []byte{0, 0, 0, 0, 11, 50, 1, 1, 1, 9, 7, 0, 1, 3, 8, 2, 17, 99, 3, 0, 1, 2, 10, 6, 200, 2, 0, 3, 10, 11, 255})
	f.Add(uint64(2), []byte{5, 255, 255, 255, 255, 0, 0, 0, 8, 0, 1, 0, 9, 0, 0, 2, 10, 4, 255, 9, 1, 1, 20, 0x14, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	f.Fuzz(func(t *testing.T, seed uint64, b []byte) {
		if err := runModel(t, seed, b[:min(len(b), 1000)]); err != nil {
			t.Fatal(err)
		}
	})
}
