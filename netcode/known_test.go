package netcode

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/session"
)

var someday = time.Date(2026, 11, 26, 19, 30, 37, 0, time.UTC)

func numbered(i int) KnownServer {
	return KnownServer{fmt.Sprintf("server%d.example:7777", i), [32]byte{byte(i), byte(i >> 8)}, session.TCP, someday.Add(time.Duration(i) * time.Second)}
}

func openKnown(t *testing.T, path string) *KnownServers {
	t.Helper()
	k, err := OpenKnownServers(path)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKnownServersOutliveTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "halftick", "known_servers")
	k := openKnown(t, path)
	k.reached(numbered(1))
	k.reached(numbered(2))
	again := openKnown(t, path)
	if all := again.All(); !slices.Equal(all, []KnownServer{numbered(1), numbered(2)}) {
		t.Fatalf("read back %+v", all)
	}
	again.reached(numbered(3))
	k.reached(numbered(4)) // of another process, which has not seen the third
	if all := openKnown(t, path).All(); len(all) != 4 {
		t.Errorf("two processes wrote, %+v is left", all)
	}
	if was, err := k.Forget(numbered(3).Addr); !was || err != nil {
		t.Errorf("Forget: %v, %v", was, err)
	}
	if was, err := k.Forget("nobody:1"); was || err != nil {
		t.Errorf("Forget of nobody: %v, %v", was, err)
	}
	if _, ok := openKnown(t, path).Of(numbered(3).Addr); ok {
		t.Error("a forgotten server is known")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestKnownServersForgetTheOldest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "known")
	var all []KnownServer
	for i := range maxKnown + 1 {
		all = append(all, numbered(i))
	}
	if err := os.WriteFile(path, appendKnown(nil, all, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	k := openKnown(t, path)
	k.reached(numbered(maxKnown + 1))
	got := k.All()
	if len(got) != maxKnown || got[0] != numbered(2) || got[maxKnown-1] != numbered(maxKnown+1) {
		t.Errorf("%d servers, the first is %s", len(got), got[0].Addr)
	}
}

func TestDamagedKnownServers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "known")
	good := string(appendKnown(nil, []KnownServer{numbered(1)}, nil))
	text := good + "play.example:1 00ff udp 2026-11-26T19:30:37Z\n\x00\xff\n" + strings.Repeat("x", 3*maxKnownLine) + "\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	k, err := OpenKnownServers(path)
	var damaged *DamagedError
	if !errors.As(err, &damaged) || damaged.Lines != 3 || !strings.Contains(err.Error(), "play.example:1 00ff") || !strings.Contains(err.Error(), path) {
		t.Fatalf("the error is %v", err)
	}
	k.reached(numbered(2))
	if k.Err() != nil || len(k.All()) != 2 {
		t.Errorf("%v, %+v", k.Err(), k.All())
	}
	if b, _ := os.ReadFile(path); !strings.Contains(string(b), "play.example:1 00ff") {
		t.Error("a line that a person may mend is gone")
	}
	if err := os.WriteFile(path, bytes.Repeat([]byte("# comment\n"), maxKnownFile/10+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if k, err := OpenKnownServers(path); !errors.Is(err, errKnownSize) || k != nil {
		t.Errorf("a huge file: %v", err)
	}
}

// What cannot be written is remembered in memory, and said.
func TestKnownServersOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	k := openKnown(t, filepath.Join(dir, "file", "known"))
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	k.reached(numbered(1))
	if _, ok := k.Of(numbered(1).Addr); !ok || k.Err() == nil {
		t.Errorf("known %v, error %v", ok, k.Err())
	}
	k.reached(KnownServer{Addr: "two words:1"})
	if len(k.All()) != 1 {
		t.Error("an address that is no word was noted")
	}
}

func FuzzKnownServers(f *testing.F) {
	f.Add(appendKnown(nil, []KnownServer{numbered(1), numbered(2)}, nil))
	f.Add([]byte("a:1 00 udp yesterday\n\n#x\na b"))
	f.Fuzz(func(t *testing.T, b []byte) {
		servers, damaged, err := parseKnown(bytes.NewReader(b))
		if err != nil {
			return
		}
		if len(servers) > maxKnown || len(damaged) > maxDamaged {
			t.Fatalf("%d servers, %d damaged lines", len(servers), len(damaged))
		}
		again, spoilt, err := parseKnown(bytes.NewReader(appendKnown(nil, servers, damaged)))
		if err != nil || !slices.Equal(again, servers) || !slices.EqualFunc(spoilt, damaged, bytes.Equal) {
			t.Fatalf("%+v was written and %+v read; damaged %q, then %q; %v", servers, again, damaged, spoilt, err)
		}
	})
}

func TestKnownCarrierStartsAtOnce(t *testing.T) {
	ln := echoServer(t)
	d := Dialer{
		Known: openKnown(t, filepath.Join(t.TempDir(), "known")), FallbackAfter: time.Millisecond,
		WrapUDP: func(s carrier.Datagrams) carrier.Datagrams { return deaf{s} },
	}
	dialTo(t, ln, d)
	if s, ok := d.Known.Of(ln.Addr().String()); !ok || s.Carrier != session.TCP {
		t.Fatalf("remembered %+v, %v", s, ok)
	}
	d.Known = openKnown(t, d.Known.path) // as another process does
	d.FallbackAfter = time.Hour
	dialTo(t, ln, d) // would not end in time without
}

// dialKnown dials a server on this machine as one that is elsewhere.
func dialKnown(t *testing.T, ln *Listener, known *KnownServers) error {
	t.Helper()
	at := netip.MustParseAddrPort(ln.Addr().String())
	elsewhere := netip.MustParseAddrPort("192.0.2.1:7777")
	d := Dialer{Known: known, WrapUDP: func(s carrier.Datagrams) carrier.Datagrams { return relocated{s, elsewhere, at} }}
	cfg := testConfig()
	cfg.DialTimeout = 2500 * time.Millisecond
	h, _, err := d.open(deadline(t), target{text: "play.example:7777", transport: OnlyUDP, addrs: []netip.AddrPort{elsewhere}}, cfg)
	if err == nil {
		h.Close()
	}
	return err
}

// relocated is a socket to which a peer is elsewhere.
type relocated struct {
	carrier.Datagrams
	elsewhere, at netip.AddrPort
}

func (r relocated) WriteBatch(batch []carrier.Datagram) (int, error) {
	batch = slices.Clone(batch)
	for i := range batch {
		if batch[i].Addr == r.elsewhere {
			batch[i].Addr = r.at
		}
	}
	return r.Datagrams.WriteBatch(batch)
}

func (r relocated) ReadBatch(into []carrier.Datagram) (n int, err error) {
	n, err = r.Datagrams.ReadBatch(into)
	for i := range into[:n] {
		if into[i].Addr == r.at {
			into[i].Addr = r.elsewhere
		}
	}
	return n, err
}

// A server that was met before is talked to under its key alone, until it is forgotten.
func TestChangedKeyIsRefused(t *testing.T) {
	known := openKnown(t, filepath.Join(t.TempDir(), "known"))
	first, second := echoServer(t), echoServer(t)
	if err := dialKnown(t, first, known); err != nil {
		t.Fatal(err)
	}
	known = openKnown(t, known.path)
	if err := dialKnown(t, first, known); err != nil {
		t.Fatalf("the second visit: %v", err)
	}
	err := dialKnown(t, second, known)
	var changed *KeyChangedError
	if !errors.As(err, &changed) || changed.Now != second.host.ep.PublicKey() || changed.Known.Key != first.host.ep.PublicKey() {
		t.Fatalf("another server in its place: %v", err)
	}
	for _, want := range []string{"play.example:7777", fmt.Sprintf("%x", changed.Now), "forget"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error %q does not say %q", err, want)
		}
	}
	if s := second.Stats(); s.Opened != 0 {
		t.Errorf("%+v", s)
	}
	if _, err := known.Forget("play.example:7777"); err != nil {
		t.Fatal(err)
	}
	if err := dialKnown(t, second, known); err != nil {
		t.Errorf("a forgotten server: %v", err)
	}
}

// A listener on all addresses serves both families on one port, and each is counted and limited as what it is.
func TestBothFamiliesOnOnePort(t *testing.T) {
	cfg := testConfig()
	ln, err := Listen(":0", cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	hosts := []string{"127.0.0.1", "::1", "localhost", ""}
	if _, err := net.ListenPacket("udp6", "[::1]:0"); err != nil {
		t.Skipf("no IPv6 here: %v", err)
	}
	for _, host := range hosts {
		for _, transport := range []Transport{OnlyUDP, OnlyTCP} {
			c, err := (&Dialer{Transport: transport}).Dial(deadline(t), net.JoinHostPort(host, port), cfg)
			if err != nil {
				t.Fatalf("%q over %v: %v", host, transport, err)
			}
			peer, err := ln.Accept(deadline(t))
			if err != nil {
				t.Fatal(err)
			}
			at := peer.Path().Addr.Addr()
			if at.Is4In6() || !at.IsLoopback() || host == "127.0.0.1" && !at.Is4() || host == "::1" && !at.Is6() {
				t.Errorf("%q over %v: the server sees %v", host, transport, at)
			}
			c.Close()
		}
	}
}

// A name with a dead IPv6 address and a live IPv4 one is reached, and the other way around.
func TestOneDeadFamilyDoesNotMatter(t *testing.T) {
	for _, on := range []string{"127.0.0.1:0", "[::1]:0"} {
		ln, err := Listen(on, testConfig())
		if err != nil {
			t.Skipf("%s: %v", on, err)
		}
		defer ln.Close()
		at := netip.MustParseAddrPort(ln.Addr().String())
		for _, transport := range []Transport{OnlyUDP, OnlyTCP, Auto} {
			to := target{text: "both", transport: transport,
				addrs: interlace([]netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.IPv6Loopback()}, at.Port())}
			h, c, err := new(Dialer).open(deadline(t), to, testConfig())
			if err != nil {
				t.Fatalf("%s over %v: %v", on, transport, err)
			}
			if c.Path().Addr != at {
				t.Errorf("reached %v, want %v", c.Path().Addr, at)
			}
			h.Close()
		}
	}
}
