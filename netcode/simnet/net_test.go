package simnet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"net/netip"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var (
	alice = netip.MustParseAddrPort("10.0.0.1:1000")
	bob   = netip.MustParseAddrPort("10.0.0.2:2000")
	carol = netip.MustParseAddrPort("[2001:db8::3]:3000")
)

// drain returns all that arrives until a time, data copied.
func drain(n *Net, until time.Duration) (all []Packet) {
	for {
		p, ok := n.Next(until)
		if !ok {
			return all
		}
		p.Data = bytes.Clone(p.Data)
		all = append(all, p)
	}
}

func wantConserved(t interface{ Fatalf(string, ...any) }, n *Net) {
	if s := n.Stats(); s.Sent+s.Duplicated != s.Arrived+s.Dropped()+s.Gone+uint64(s.InFlight) {
		t.Fatalf("not conserved: %+v", s)
	}
}

func TestNetDelivers(t *testing.T) {
	n := New(1)
	n.Connect(alice, bob, Conditions{Delay: 30 * ms}, Conditions{Delay: 10 * ms})
	n.Send(alice, bob, []byte("to bob"))
	n.Send(bob, alice, []byte("to alice"))
	if at, ok := n.NextAt(); !ok || at != 10*ms {
		t.Errorf("next arrival at %v, want 10ms", at)
	}
	if p, ok := n.Next(9 * ms); ok || n.Now() != 9*ms {
		t.Errorf("at %v: %+v, want nothing by 9ms", n.Now(), p)
	}
	p, ok := n.Next(time.Second)
	if !ok || p.From != bob || p.To != alice || string(p.Data) != "to alice" || p.At != 10*ms || n.Now() != 10*ms {
		t.Errorf("at %v: %+v", n.Now(), p)
	}
	n.Send(alice, bob, p.Data) // an answer from borrowed bytes
	all := drain(n, time.Second)
	if len(all) != 2 || string(all[0].Data) != "to bob" || all[0].At != 30*ms || string(all[1].Data) != "to alice" || all[1].At != 40*ms {
		t.Errorf("got %+v", all)
	}
	if n.Now() != time.Second || n.Stats().Arrived != 3 {
		t.Errorf("at %v: %+v", n.Now(), n.Stats())
	}
}

func TestNetKeepsTheOrderOfOneInstant(t *testing.T) {
	n := New(1)
	n.Connect(alice, bob, Conditions{Delay: ms}, Conditions{})
	for i := range 100 {
		n.Send(alice, bob, []byte{byte(i)})
	}
	for i, p := range drain(n, ms) {
		if int(p.Data[0]) != i {
			t.Fatalf("datagram %d arrives as number %d", p.Data[0], i)
		}
	}
}

func TestNetDropsWhatNobodyGets(t *testing.T) {
	n := New(1)
	n.Connect(alice, bob, Conditions{}, Conditions{})
	n.Send(alice, carol, []byte("who?"))
	n.Send(carol, alice, []byte("me"))
	if all := drain(n, time.Second); len(all) != 0 || n.Stats().Unknown != 2 {
		t.Errorf("%d arrived, %+v", len(all), n.Stats())
	}
}

func TestNetCorruptsOneBitInEachCopy(t *testing.T) {
	n := New(8)
	n.SetConditions(alice, bob, Conditions{Corrupt: 1, Duplicate: 1})
	sent := []byte("some bytes that change on their way")
	for range 50 {
		n.Send(alice, bob, sent)
	}
	all := drain(n, time.Second)
	for _, p := range all {
		flipped := 0
		for i := range p.Data {
			flipped += bits.OnesCount8(p.Data[i] ^ sent[i])
		}
		if flipped != 1 {
			t.Fatalf("%d bits flipped, want 1", flipped)
		}
	}
	if st := n.LinkStats(alice, bob); len(all) != 100 || st.Corrupted != 50 {
		t.Errorf("%d arrived, %+v", len(all), st)
	}
}

func TestNetOutage(t *testing.T) {
	n := New(1)
	n.Connect(alice, bob, Conditions{Delay: 5 * ms}, Conditions{Delay: 5 * ms})
	n.Outage(alice, bob, 100*ms, 300*ms)
	arrived := 0
	for now := time.Duration(0); now < 500*ms; now += 10 * ms {
		arrived += len(drain(n, now))
		n.Send(alice, bob, []byte{1})
		n.Send(bob, alice, []byte{2})
	}
	arrived += len(drain(n, time.Second))
	if arrived != 60 || n.Stats().Outage != 40 {
		t.Errorf("%d arrived, %d lost; want 60, 40", arrived, n.Stats().Outage)
	}
}

func TestNetRebind(t *testing.T) {
	n := New(1)
	n.Connect(alice, bob, Conditions{Delay: 10 * ms}, Conditions{Delay: 10 * ms})
	n.Send(alice, bob, []byte("left before"))
	n.Send(bob, alice, []byte("arrives where nobody is"))
	moved := netip.MustParseAddrPort("10.0.0.1:5555")
	n.Rebind(alice, moved)
	n.Send(moved, bob, []byte("from the new address"))
	n.Send(alice, bob, []byte("from the old address"))
	n.Send(bob, alice, []byte("to the old address"))
	n.Send(bob, moved, []byte("to the new address"))
	var got []string
	for _, p := range drain(n, time.Second) {
		got = append(got, fmt.Sprintf("%v>%v %s", p.From, p.To, p.Data))
	}
	want := []string{
		"10.0.0.1:1000>10.0.0.2:2000 left before",
		"10.0.0.1:5555>10.0.0.2:2000 from the new address",
		"10.0.0.2:2000>10.0.0.1:5555 to the new address",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if s := n.Stats(); s.Gone != 1 || s.Unknown != 2 {
		t.Errorf("%+v, want 1 gone, 2 unknown", s)
	}
	wantConserved(t, n)
}

func TestNetPanicsOnAScenarioThatMeansNobody(t *testing.T) {
	n := New(1)
	n.Connect(alice, bob, Conditions{}, Conditions{})
	for name, act := range map[string]func(){
		"outage of strangers":     func() { n.Outage(alice, carol, 0, 1) },
		"rebind of a stranger":    func() { n.Rebind(carol, netip.MustParseAddrPort("10.9.9.9:1")) },
		"rebind to taken address": func() { n.Rebind(alice, bob) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			act()
		}()
	}
}

// run sends numbered datagrams both ways, and to carol when asked, and returns what bob got, and when.
func run(seed uint64, withCarol bool) string {
	c, _ := Parse("chaos")
	n := New(seed)
	if withCarol {
		n.Connect(carol, bob, c, c)
	}
	n.Connect(alice, bob, c, c)
	var log []byte
	for i := range 500 {
		for _, p := range drain(n, time.Duration(i)*5*ms) {
			if p.From == alice {
				log = fmt.Appendf(log, "%v %x\n", p.At, p.Data)
			}
		}
		data := binary.LittleEndian.AppendUint32(nil, uint32(i))
		n.Send(alice, bob, data)
		n.Send(bob, alice, data)
		if withCarol {
			n.Send(carol, bob, data)
		}
	}
	return string(log)
}

func TestNetReplaysFromItsSeed(t *testing.T) {
	first := run(42, false)
	if run(42, false) != first {
		t.Error("the same seed gave another run")
	}
	if run(42, true) != first {
		t.Error("a path of others changed what alice and bob saw")
	}
	if run(43, false) == first {
		t.Error("another seed gave the same run")
	}
}

func TestNetConservesDatagrams(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := New(rapid.Uint64().Draw(t, "seed"))
		n.Connect(alice, bob, anyConditions().Draw(t, "ab"), anyConditions().Draw(t, "ba"))
		last := time.Duration(0)
		deliver := func(until time.Duration) {
			for _, p := range drain(n, until) {
				if p.At < last {
					t.Fatalf("time went back from %v to %v", last, p.At)
				}
				last = p.At
			}
			wantConserved(t, n)
		}
		here := alice
		at, size := traffic(t)
		for i := range at {
			deliver(at[i])
			n.Send(here, bob, make([]byte, size[i]))
			n.Send(bob, here, make([]byte, size[i]/2))
			if i == len(at)/2 {
				next := netip.AddrPortFrom(here.Addr(), here.Port()+1)
				n.Rebind(here, next)
				here = next
			}
		}
		deliver(n.Now() + 24*time.Hour)
		if n.Stats().InFlight != 0 {
			t.Fatalf("some never arrive: %+v", n.Stats())
		}
	})
}

func TestNetDoesNotAllocate(t *testing.T) {
	c, _ := Parse("chaos,rate=10mbit")
	n := New(1)
	n.Connect(alice, bob, c, c)
	data := make([]byte, 1200)
	step := func() {
		n.Send(alice, bob, data)
		n.Send(bob, alice, data[:100])
		for until := n.Now() + ms; ; {
			if _, ok := n.Next(until); !ok {
				return
			}
		}
	}
	for range 5000 {
		step()
	}
	if allocs := testing.AllocsPerRun(2000, step); allocs != 0 {
		t.Errorf("%v allocations per step, want 0", allocs)
	}
}

func BenchmarkNet(b *testing.B) {
	c, _ := Parse("delay=25ms,jitter=10ms,loss=5%")
	n := New(1)
	n.Connect(alice, bob, c, c)
	data := make([]byte, 200)
	b.ReportAllocs()
	for b.Loop() {
		n.Send(alice, bob, data)
		for until := n.Now() + ms; ; {
			if _, ok := n.Next(until); !ok {
				break
			}
		}
	}
}
