package session

import (
	"errors"
	"testing"
	"time"
)

// restart puts another server in the place of the first, with its key and nothing else of it.
func (p *pair) restart(secret byte) {
	cfg := testConfig(secret)
	keyed(&cfg, &cfg)
	p.server.ep = mustEndpoint(p.t, cfg)
	p.server.ep.Listen(true)
	p.server.conn = nil
}

func keyed(c, s *Config) { s.Key = [32]byte{9, 8, 7} }

func closeCode(c *Conn) CloseCode {
	var ce *CloseError
	if errors.As(c.Err(), &ce) {
		return ce.Code
	}
	return CloseNormal
}

// A client learns at once, and from the server itself, that it was started again.
func TestRestartIsNoticed(t *testing.T) {
	const delay = 25 * time.Millisecond
	for _, down := range []time.Duration{0, 300 * time.Millisecond, 3 * time.Second} {
		p := connected(t, 1, link{delay: delay}, keyed)
		for range 60 {
			p.client.send(p, 0, []byte("play"))
			p.advance(beat)
		}
		p.cut[UDP] = true
		p.advance(down)
		p.cut[UDP] = false
		p.restart(77)
		start := p.now
		for p.client.count(Closed) == 0 && p.now < start+5*time.Second {
			p.client.conn.Send(p.now, 2, []byte("anybody?"))
			p.advance(beat)
		}
		if took := p.now - start; took > time.Second+6*delay+2*beat {
			t.Errorf("after %v of absence it took %v to notice", down, took)
		}
		if code := closeCode(p.client.conn); code != CloseRestarted {
			t.Errorf("the session ended with %v", code)
		}
		p.advance(2 * time.Second)
		p.dial()
		p.until(time.Second, func() bool { return p.client.conn.Opened() })
	}
}

func TestSilentServerIsAskedTwiceASecond(t *testing.T) {
	p := connected(t, 1, link{delay: 25 * time.Millisecond}, keyed)
	p.advance(time.Second)
	asked := 0
	p.tap = func(from *side, b []byte) {
		if from == p.client && b[0] == 0x80 {
			asked++
		}
	}
	p.cut[UDP] = true
	p.play(11 * time.Second)
	if asked < 15 || asked > 20 {
		t.Errorf("asked %d times in 10 s, want two a second", asked)
	}
	p.cut[UDP] = false
	p.play(time.Second)
	p.arrived()
	before := asked
	p.play(3 * time.Second)
	if asked != before {
		t.Error("it still asks though the server answers")
	}
}

// Nobody else can tell a client that its server was restarted.
func TestRestartCannotBeForged(t *testing.T) {
	p := connected(t, 1, link{delay: 25 * time.Millisecond}, keyed)
	p.advance(time.Second)
	other := mustEndpoint(t, testConfig(50)) // with a key of its own
	other.Listen(true)
	p.wire = func(from *side, to Path, b []byte) bool {
		if from != p.client {
			return true
		}
		var buf [MaxRecordSize]byte
		other.Receive(p.now, clientAddr, b)
		for n, _ := other.Transmit(p.now, buf[:]); n > 0; n, _ = other.Transmit(p.now, buf[:]) {
			p.fly(p.now+p.link.delay, p.client, serverAddr, append([]byte(nil), buf[:n]...))
		}
		return true
	}
	p.advance(20 * time.Second)
	if p.client.count(Closed) != 0 {
		t.Errorf("the session ended: %v", p.client.conn.Err())
	}
	p.wire = nil
	p.play(time.Second)
	p.arrived()
}
