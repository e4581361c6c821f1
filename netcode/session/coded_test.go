package session

import (
	"bytes"
	"fmt"
	"testing"
	"time"
)

// codedOf returns the coded frame of messages a and b of a channel.
func codedOf(channel int, a, b uint64, dataA, dataB []byte) []byte {
	var buf [MaxRecordSize]byte
	w := &recordWriter{buf: buf[:0], limit: MaxRecordSize}
	w.coded(&codedFrame{channel: channel, id: uint16(a), distance: uint8(a - b)}, dataA, dataB)
	return w.buf
}

// rebuilt returns what a decoder can tell after the messages and coded frames of a script of numbers: n is message n, -n the coded
// frame of n and n-1.
func rebuilt(script ...int) (ids []uint64) {
	d := new(decoder)
	var buf [maxRepeatSize]byte
	for _, n := range script {
		if n >= 0 {
			d.know(uint64(n), numbered(n, 20+n))
		} else {
			a, b := uint64(-n), uint64(-n-1)
			f, _ := parseCoded(codedOf(0, a, b, numbered(int(a), 20+int(a)), numbered(int(b), 20+int(b))), testChannels())
			d.add(&f, a, b)
		}
		for id, data, ok := d.solve(&buf); ok; id, data, ok = d.solve(&buf) {
			if !bytes.Equal(data, numbered(int(id), 20+int(id))) {
				panic(fmt.Sprintf("message %d came out as %x", id, data))
			}
			d.know(id, data)
			ids = append(ids, id)
		}
	}
	return ids
}

func TestDecoder(t *testing.T) {
	for _, c := range []struct {
		name   string
		script []int
		want   string
	}{
		{"the older is there", []int{1, -2}, "[2]"},
		{"the newer is there", []int{2, -2}, "[1]"},
		{"both are there", []int{1, 2, -2}, "[]"},
		{"neither is there, then one", []int{-2, 1}, "[2]"},
		{"a chain falls when its end comes", []int{-2, -3, -4, 4}, "[3 2 1]"},
		{"one frame rebuilds once", []int{1, -2, -2}, "[2]"},
		{"what is long ago is of no use", []int{1, 1 + codedMemory, -2}, "[]"},
	} {
		if got := fmt.Sprint(rebuilt(c.script...)); got != c.want {
			t.Errorf("%s: rebuilt %s, want %s", c.name, got, c.want)
		}
	}
}

// TestCodedFramesRepairScatteredLoss: while single packets are lost, messages are rebuilt from the next record, on both
// kinds of channel that are coded, and nothing is delivered twice.
func TestCodedFramesRepairScatteredLoss(t *testing.T) {
	for _, kind := range []ChannelKind{ReliableOrdered, ReliableUnordered} {
		p := connected(t, 5, link{delay: 25 * time.Millisecond, loss: 0.05}, func(c, s *Config) {
			c.Channels = []Channel{{Kind: kind}}
			s.Channels = c.Channels
		})
		const n = 600
		for i := range n {
			p.client.send(p, 0, numbered(i, 60+i%60))
			p.advance(tick)
		}
		p.until(time.Minute, func() bool { return p.client.conn.Stats().ReliableQueue == 0 })
		seen := map[string]bool{}
		for _, m := range p.server.on(0) {
			if seen[string(m)] {
				t.Fatalf("%v: a message came twice", kind)
			}
			seen[string(m)] = true
		}
		if len(seen) != n {
			t.Errorf("%v: %d of %d messages came", kind, len(seen), n)
		}
		if s := p.server.conn.Stats(); s.Rebuilt < 15 {
			t.Errorf("%v: %d messages were rebuilt, want about 5 %% of %d", kind, s.Rebuilt, n)
		}
	}
}

// TestCleanPathRepeatsNothing: what adapts costs nothing until something is lost.
func TestCleanPathRepeatsNothing(t *testing.T) {
	p := connected(t, 1, link{delay: 25 * time.Millisecond, jitter: 4 * time.Millisecond})
	for i := range 300 {
		p.client.send(p, 0, numbered(i, 100))
		p.advance(tick)
	}
	if s := p.client.conn.Stats(); s.Repeated+s.Retransmitted > 0 || p.client.conn.weather.any {
		t.Errorf("%d repeated, %d sent again on a path that lost nothing", s.Repeated, s.Retransmitted)
	}
}

// TestWeather: scattered losses are coded against, many are repeated against, outages neither.
func TestWeather(t *testing.T) {
	var scattered, outages weather
	for pn := uint64(0); pn < 400; pn += 20 {
		scattered.lost(time.Second, pn, pn-1)
	}
	for pn := uint64(0); pn < 400; pn += 40 {
		for k := range uint64(5) {
			outages.lost(time.Second, pn+k, pn+k-1)
		}
	}
	for _, c := range []struct {
		name  string
		w     *weather
		now   time.Duration
		share float64
		want  remedy
	}{
		{"nothing lost", new(weather), time.Second, 0, nothing},
		{"5 % scattered", &scattered, time.Second, 0.05, coding},
		{"20 % scattered", &scattered, time.Second, 0.2, copying},
		{"long ago", &scattered, time.Second + lossMemory + 1, 0.05, nothing},
		{"outages", &outages, time.Second, 0.12, nothing},
	} {
		if got := c.w.remedy(c.now, c.share); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if !outages.dark() || scattered.dark() {
		t.Error("a streak is not told from single losses")
	}
	if outages.acked(401); outages.dark() {
		t.Error("the streak goes on after a newer packet arrived")
	}
}

// FuzzCoded: whatever coded frames and messages come, the decoder ends and stays within its memory, and the parser within the bytes.
// What decoding takes is given back when a session has nothing to say, and taken again when it has.
func TestDecoderIsGivenBackInSilence(t *testing.T) {
	p := connected(t, 3, link{delay: 25 * time.Millisecond, loss: 0.05})
	sent := 0
	talk := func(d time.Duration) {
		for end := p.now + d; p.now < end; p.advance(beat) {
			p.client.send(p, 0, numbered(sent, 100))
			sent++
		}
	}
	talk(5 * time.Second)
	decoders := func() (n int) {
		for i := range p.server.conn.in {
			if p.server.conn.in[i].decoder != nil {
				n++
			}
		}
		return n
	}
	if decoders() == 0 || p.server.conn.stats.Rebuilt == 0 {
		t.Fatal("nothing was coded: the test proves nothing")
	}
	p.link.loss = 0
	p.advance(15 * time.Second)
	if n := decoders(); n != 0 {
		t.Errorf("%d decoders are kept for a silent session", n)
	}
	before := p.server.conn.stats.Rebuilt
	p.link.loss = 0.05
	talk(10 * time.Second)
	p.link.loss = 0
	p.until(5*time.Second, func() bool { return len(p.server.on(0)) == sent })
	if p.server.conn.stats.Rebuilt == before {
		t.Error("nothing is rebuilt any more")
	}
}

func FuzzCoded(f *testing.F) {
	f.Add(codedOf(0, 9, 8, []byte("one message"), []byte("another")), []byte("another"))
	f.Add([]byte{frameCoded, 0, 1, 0, 1, 0xff, 1, 0}, []byte{})
	f.Add([]byte{frameCoded, 0, 1, 0, 9, 3, 2, 1, 2}, bytes.Repeat([]byte{7}, 128))
	f.Fuzz(func(t *testing.T, b, message []byte) {
		frame, n := parseCoded(b, testChannels())
		if n == 0 {
			return
		}
		if n > len(b) || len(frame.data) > maxRepeatSize {
			t.Fatalf("a frame of %d bytes in %d", n, len(b))
		}
		p := connected(t, 1, link{})
		c := p.server.conn
		if len(message) > 0 && len(message) <= maxRepeatSize {
			c.takeMessage(p.now, &messageFrame{channel: frame.channel, id: 0, data: message})
		}
		for range 3 {
			c.takeCoded(&frame)
		}
		p.take(p.server)
		if len(p.server.got) > 3 {
			t.Fatalf("%d messages from one", len(p.server.got))
		}
	})
}

// TestNothingIsCodedBeyondTheRate: what has probably arrived is no reason to get further ahead of the rate.
func TestNothingIsCodedBeyondTheRate(t *testing.T) {
	for _, n := range []int{1, 2} { // messages in flight: one is repeated, two are coded
		for _, rich := range []bool{true, false} {
			p := connected(t, 1, link{delay: 25 * time.Millisecond})
			c := p.client.conn
			for i := range n {
				p.client.send(p, 0, numbered(i, 100))
				p.flush()
			}
			c.pacer.tokens = 1000
			if !rich {
				c.pacer.tokens = -maxDebt
			}
			var buf [MaxRecordSize]byte
			w := c.startRecord(buf[:], 0)
			before := len(w.buf)
			c.writeCoded(p.now, 0, w)
			if wrote := len(w.buf) > before; wrote != rich {
				t.Errorf("%d in flight, tokens %.0f: wrote %d bytes", n, c.pacer.tokens, len(w.buf)-before)
			}
		}
	}
}
