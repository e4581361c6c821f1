package match

import (
	"net"
	"sync"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/carrier/wt"
	"github.com/halftick/halftick/netcode/simnet"
)

// link puts simulated conditions in front of the real socket of each connection, and changes them while
// it lives. It is safe for concurrent use: sockets are opened while dialling.
type link struct {
	mu       sync.Mutex
	up, down simnet.Conditions
	seed     uint64
	udp      *simnet.Impaired     // of the newest connection; nil before
	tcp      *simnet.ImpairedConn // likewise
}

// config returns the settings of the next connection.
func (l *link) config(o Options, t client.Tuning) client.Config {
	return client.Config{
		Name: o.Name, Room: o.Room, OpenRoom: o.Room != "" && !o.Spectate, Spectate: o.Spectate, Transport: o.Transport, ServerKey: o.ServerKey, Key: o.Key, FreshToken: o.FreshToken, Tuning: t,
		WebTransport: wt.Dial, Web: o.Web, Known: o.Known,
		WrapUDP: func(s carrier.Datagrams) carrier.Datagrams {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.udp = simnet.Impair(s, l.up, l.down, l.seed)
			return l.udp
		},
		WrapTCP: func(c net.Conn) net.Conn {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.tcp = simnet.ImpairConn(c, l.up, l.down, l.seed)
			return l.tcp
		},
	}
}

func (l *link) conditions() (up, down simnet.Conditions) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.up, l.down
}

func (l *link) set(up, down simnet.Conditions) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.up, l.down = up, down
	if l.udp != nil {
		l.udp.Set(up, down)
	}
	if l.tcp != nil {
		l.tcp.Set(up, down)
	}
}
