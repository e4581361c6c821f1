package server

import (
	"math/rand/v2"
	"testing"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

func TestSnapshotsAreDeltasOnceAcknowledged(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	ada, bob := m.join("Ada"), m.join("Bob")
	ada.input, bob.input = move{Dx: 1}, move{Dy: 1}
	m.run(50)
	for _, p := range m.puppets {
		if p.full > 2 || p.decoded < 50 {
			t.Errorf("%d snapshots, %d of them full", p.decoded, p.full)
		}
		if p.header.Base != p.header.Tick-1 || p.header.InputTick != p.header.Tick {
			t.Errorf("the newest header is %+v", p.header)
		}
	}
	if c := m.server.Stats().Snapshots; c.Encoded >= c.Sent || c.Sent != uint64(ada.decoded+bob.decoded) {
		t.Errorf("%+v: two clients with the same baseline should share one encoding", c)
	}
}

func TestSnapshotsEverySecondTick(t *testing.T) {
	g := dotGame()
	g.SendRate = 25
	m := newMatch(t, g, Config{})
	ada := m.join("Ada")
	before := ada.decoded
	m.run(20)
	if n := ada.decoded - before; n != 10 || ada.header.Tick%2 != 0 {
		t.Errorf("%d snapshots in 20 ticks, the newest of tick %d", n, ada.header.Tick)
	}
}

// A client that never says what it has gets whole worlds, at most ten a second after the first half second.
func TestFullSnapshotsAreLimited(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	ada := m.dial()
	ada.lie = func(replica.SnapshotAck) replica.SnapshotAck { return replica.SnapshotAck{} }
	ada.tell(replica.Hello{Name: "Ada"})
	m.run(fullBurst + 20)
	before, held := ada.decoded, m.server.Stats().Snapshots.Held
	m.run(100)
	if n := ada.decoded - before; n < 19 || n > 21 || ada.header.HasBase {
		t.Errorf("%d snapshots in 2 s without a baseline, the newest %+v; want 20", n, ada.header)
	}
	if c := m.server.Stats().Snapshots; c.Held-held < 70 {
		t.Errorf("%+v", c)
	}
}

// A client that acknowledges what it was never sent gains no baseline by it.
func TestFalseAcknowledgementsAreDropped(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	ada := m.dial()
	random := rand.New(rand.NewPCG(1, 2))
	ada.lie = func(replica.SnapshotAck) replica.SnapshotAck {
		future := m.server.present.tick + 1 + sim.Tick(random.Uint32()>>2)
		return replica.SnapshotAck{Tick: future, Has: true}
	}
	ada.tell(replica.Hello{Name: "Ada"})
	m.run(50)
	if ada.decoded == 0 || ada.full != ada.decoded {
		t.Errorf("%d snapshots, %d of them full", ada.decoded, ada.full)
	}
	if n := m.server.Stats().Dropped[DropAck]; n < 40 {
		t.Errorf("%d false acknowledgements counted", n)
	}
}

// A client that fell silent for longer than the ring gets a whole world again, then deltas.
func TestBaselineTooOld(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	ada := m.join("Ada")
	m.run(10)
	ada.silent = true
	m.run(historyTicks + 10)
	if ada.header.HasBase {
		t.Fatalf("the header is %+v, though the ring is past that baseline", ada.header)
	}
	ada.silent = false
	m.run(20)
	if !ada.header.HasBase || ada.header.Base != ada.header.Tick-1 {
		t.Errorf("the header is %+v after the client came back", ada.header)
	}
}

// A client that gets nothing for a while can say nothing new. That is no offence.
func TestRepeatedAcknowledgementIsNoOffence(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	ada := m.join("Ada")
	m.run(10)
	stuck := replica.SnapshotAck{Tick: ada.newest, Has: true}
	ada.lie = func(replica.SnapshotAck) replica.SnapshotAck { return stuck }
	m.run(8 * 50)
	if n := m.server.Stats().Dropped[DropAck]; n != 0 || ada.closed != nil {
		t.Errorf("%d acknowledgements dropped, session %v", n, ada.closed)
	}
}

// A client that ran ahead of a server which stood still, and then set its clock back, is heard at once.
func TestAcknowledgementsAfterAClockWasSetBack(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	ada := m.join("Ada")
	ada.lead = 300
	m.run(10)
	ada.lead = 1
	m.run(historyTicks + 10)
	if ada.header.Base != ada.header.Tick-1 || ada.full > 2 {
		t.Errorf("the newest header is %+v after %d full snapshots", ada.header, ada.full)
	}
}

func TestMissedInputIsFlaggedOnce(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	ada := m.join("Ada")
	m.run(5)
	flags := func() replica.SnapshotFlags { m.tick(); return ada.header.Flags }
	if flags() != 0 {
		t.Error("flagged though nothing was missed")
	}
	ada.silent = true
	if flags() != replica.FlagMissed {
		t.Error("a missed tick is not flagged")
	}
	ada.silent = false
	if flags() != 0 {
		t.Error("still flagged when the input is there")
	}
}

func TestSnapshotsKeepToTheRate(t *testing.T) {
	const rate, seconds = 1200, 30
	m := newMatch(t, dotGame(), Config{Rate: rate})
	ada := m.join("Ada")
	for range 16 {
		if _, err := m.server.AddBot("bot", circle); err != nil {
			t.Fatal(err)
		}
	}
	m.run(50 * seconds)
	c := m.server.Stats().Snapshots
	if c.NoBudget == 0 || c.Sent+c.NoBudget+c.Held < 50*seconds || ada.decoded < seconds {
		t.Errorf("%+v, %d decoded", c, ada.decoded)
	}
	if most := uint64(rate*seconds + 20_000); c.Bytes > most { // 16 KiB may leave at once at first
		t.Errorf("%d bytes in %d s, at most %d may leave", c.Bytes, seconds, most)
	}
}

func TestTicksWrap(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	if err := m.server.begin(1<<32 - 100); err != nil {
		t.Fatal(err)
	}
	ada := m.join("Ada")
	ada.input = move{Dx: 1}
	m.run(200)
	if m.server.present.tick > 200 {
		t.Fatalf("tick %d: did not wrap", m.server.present.tick)
	}
	if d, _ := m.dots().Dots.Of(1); d.Pos.X < 199 || ada.full > 2 || ada.decoded < 200 {
		t.Errorf("Ada is at %v after 200 ticks; %d snapshots, %d full", d.Pos, ada.decoded, ada.full)
	}
	if c := m.server.Players()[0].Inputs; c.Missing != 0 || c.Executed < 200 {
		t.Errorf("%+v", c)
	}
}

// What a snapshot costs beside itself: a record of its own per tick, with header, tag, frame and acknowledgements.
func TestSnapshotOverhead(t *testing.T) {
	m := newMatch(t, dotGame(), Config{})
	ada := m.join("Ada")
	m.run(100)
	conn := m.server.roster.byID[ada.welcome.Player].peer.conn
	before, sent := conn.Stats(), m.server.Stats().Snapshots
	const ticks = 500
	m.run(ticks)
	records := float64(conn.Stats().BytesSent-before.BytesSent) / ticks
	after := m.server.Stats().Snapshots
	snapshots := float64(after.Bytes-sent.Bytes) / float64(after.Sent-sent.Sent)
	t.Logf("%.1f bytes per record, of which %.1f are the snapshot with its header", records, snapshots)
	if over := records - snapshots; over < 20 || over > 30 {
		t.Errorf("%.1f bytes around a snapshot, want 20 to 30", over)
	}
}
