package netcode

import (
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/carrier/tcp"
	"github.com/halftick/halftick/netcode/session"
)

// A peer whose system was restarted may come again from the same port before its old stream is seen to
// be dead. The end of the old one must not be that of the new one.
func TestStreamFromTheSameAddressReplacesTheOld(t *testing.T) {
	ep, err := NewEndpoint(testConfig())
	if err != nil {
		t.Fatal(err)
	}
	h := newHost(ep)
	defer h.Close()
	ln, err := tcp.Listen("127.0.0.1:0", carrier.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	var peers [2]net.Conn
	var streams [2]*stream
	for i := range peers {
		if peers[i], err = net.Dial("tcp", ln.Addr().String()); err != nil {
			t.Fatal(err)
		}
		defer peers[i].Close()
		c, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		h.Lock()
		streams[i] = h.addStream(session.Path{Carrier: session.TCP, Addr: netip.MustParseAddrPort("10.0.0.2:5000")}, c)
		h.Unlock()
	}
	peers[0].SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.ReadAll(peers[0]); err != nil {
		t.Errorf("the old stream was not closed: %v", err)
	}
	<-streams[0].out // closed when its reader is through
	h.Lock()
	defer h.Unlock()
	if h.streams[streams[1].path] != streams[1] {
		t.Error("the new stream was forgotten with the old one")
	}
}
