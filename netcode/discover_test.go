//go:build !js

package netcode

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/session"
)

// announced opens n listeners that announce themselves under names, and others of another application that do too.
func announced(t *testing.T, cfg Config, n int) (byAddr map[uint16]*Listener) {
	t.Helper()
	byAddr = map[uint16]*Listener{}
	other := cfg
	other.App = "not " + cfg.App
	for i := range n + 1 {
		c := cfg
		if i == n {
			c = other
		}
		ln, err := Listen(":0", c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { ln.Close() })
		ln.host.Lock()
		ln.host.ep.SetInfo(session.ServerInfo{Name: fmt.Sprintf("server %d", i), Players: i, Max: 10})
		ln.host.Unlock()
		if err := ln.Announce(); err != nil {
			t.Skipf("the discovery port cannot be had: %v", err)
		}
		if i < n {
			byAddr[uint16(ln.Addr().(*net.UDPAddr).Port)] = ln
		}
	}
	return byAddr
}

// find looks for servers until as many were found as there are, and checks what each says.
func find(t *testing.T, cfg Config, there map[uint16]*Listener) (all []LANServer) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	seen := map[uint16]bool{}
	for s, err := range Discover(ctx, cfg) {
		if err != nil {
			t.Fatal(err)
		}
		ln := there[s.Addr.Port()]
		if ln == nil || seen[s.Addr.Port()] {
			t.Fatalf("found %+v, twice or without reason", s)
		}
		seen[s.Addr.Port()] = true
		if s.Key != ln.host.ep.PublicKey() || s.Name != fmt.Sprintf("server %d", s.Players) || s.Max != 10 || !s.Ours || !s.Open || s.Schema != cfg.Schema {
			t.Errorf("it says of itself %+v", s)
		}
		if all = append(all, s); len(all) == len(there) {
			return all
		}
	}
	t.Fatalf("found %d of %d servers: %+v", len(all), len(there), all)
	return nil
}

// lanConfig is of an application of this test run alone: others may run on the machine.
func lanConfig(t *testing.T) Config {
	cfg := testConfig()
	probe := mustListen(t)
	cfg.App, cfg.Schema = fmt.Sprintf("lan test %v", probe.Addr()), 77
	return cfg
}

// Three servers on one machine all hear a question and are told apart; each can be dialled by its address and key.
func TestDiscoverServersOfThisMachine(t *testing.T) {
	cfg := lanConfig(t)
	there := announced(t, cfg, 3)
	for _, s := range find(t, cfg, there) {
		c, err := (&Dialer{ServerKey: s.Key}).Dial(deadline(t), s.Addr.String(), cfg)
		if err != nil {
			t.Fatalf("%v: %v", s.Addr, err)
		}
		c.Close()
	}
	older := cfg
	older.Schema++
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	for s, err := range Discover(ctx, older) {
		if err != nil || s.Ours {
			t.Errorf("a server of another version: %+v, %v", s, err)
		}
		break
	}
}

func TestDiscoverEndsWithItsContext(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	for s, err := range Discover(ctx, lanConfig(t)) {
		t.Errorf("%+v, %v", s, err)
	}
	for _, err := range Discover(ctx, Config{}) {
		if err == nil {
			t.Error("an application without a name was looked for")
		}
	}
}

// What the discovery port is sent besides questions reaches no session and gets no answer.
func TestDiscoveryPortTakesQuestionsOnly(t *testing.T) {
	cfg := lanConfig(t)
	for _, ln := range announced(t, cfg, 1) {
		conn, err := net.Dial("udp", fmt.Sprintf("127.0.0.1:%d", discoveryPort))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		before := ln.Stats().Drops
		for size := range 1300 {
			conn.Write(make([]byte, size))
			conn.Write(append([]byte{0x80, 2}, make([]byte, size)...))
		}
		find(t, cfg, map[uint16]*Listener{uint16(ln.Addr().(*net.UDPAddr).Port): ln})
		if s := ln.Stats(); s.Drops != before || s.Sessions != 0 {
			t.Errorf("%+v", s)
		}
	}
}

func TestBroadcastOf(t *testing.T) {
	for in, want := range map[string]string{"10.1.2.3/8": "10.255.255.255", "192.0.2.2/30": "192.0.2.3", "127.0.0.1/8": "127.255.255.255", "fd00::1/64": "invalid IP"} {
		ip, n, _ := net.ParseCIDR(in)
		if got, _ := broadcastOf(&net.IPNet{IP: ip, Mask: n.Mask}); got.String() != want {
			t.Errorf("%s: %v, want %s", in, got, want)
		}
	}
	for _, p := range everywhere() {
		if p.Addr.Port() != discoveryPort || p.Carrier != session.UDP || p.Addr.Addr() == (netip.Addr{}) {
			t.Errorf("asks at %v", p)
		}
	}
}
