package link

import (
	"errors"
	"net"
	"os/exec"
	"sync"
	"time"
)

// relay is the link for those who may not make namespaces: it passes UDP between two ports of loopback. TCP goes past it.
// Goroutines and timers keep its time, so it is late by more than a thread of its own.
type relay struct {
	front *net.UDPConn // where clients come to
	at    string       // the server's address
	began time.Time

	mu    sync.Mutex // guards what follows
	way   [2]*direction
	backs []*net.UDPConn // one for each client, towards the server
	late  time.Duration
}

// headers is what IPv4 and UDP add to a datagram, in bytes.
const headers = 28

func openRelay(shape Shape, seed uint64) (Link, error) {
	at, err := freeAddr()
	if err != nil {
		return nil, err
	}
	front, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	r := &relay{front: front, at: at, began: time.Now(), way: [2]*direction{newDirection(shape, seed, Client), newDirection(shape, seed, Server)}}
	go r.accept()
	return r, nil
}

func (r *relay) CarriesTCP() bool                 { return false }
func (r *relay) Start(_ int, cmd *exec.Cmd) error { return cmd.Start() }
func (r *relay) Addr() (listen, dial string)      { return r.at, r.front.LocalAddr().String() }

// accept passes on what clients send, each from a port of its own.
func (r *relay) accept() {
	backs := map[string]*net.UDPConn{}
	for b := make([]byte, 64<<10); ; {
		n, from, err := r.front.ReadFromUDP(b)
		if err != nil {
			return
		}
		back := backs[from.String()]
		if back == nil {
			to, err := net.ResolveUDPAddr("udp4", r.at)
			if err != nil {
				return
			}
			if back, err = net.DialUDP("udp4", nil, to); err != nil {
				return
			}
			backs[from.String()] = back
			r.mu.Lock()
			r.backs = append(r.backs, back)
			r.mu.Unlock()
			go r.answer(back, from)
		}
		r.pass(Client, b[:n], func(b []byte) { _, _ = back.Write(b) })
	}
}

// answer passes on what the server sends to a client.
func (r *relay) answer(back *net.UDPConn, to *net.UDPAddr) {
	for b := make([]byte, 64<<10); ; {
		n, err := back.Read(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // nobody listens there any more or yet
		}
		r.pass(Server, b[:n], func(b []byte) { _, _ = r.front.WriteToUDP(b, to) })
	}
}

// pass lets a datagram out when it is due.
func (r *relay) pass(from int, b []byte, out func([]byte)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	due, ok := r.way[from].take(time.Since(r.began), len(b)+headers)
	if !ok {
		return
	}
	b = append([]byte(nil), b...)
	time.AfterFunc(due-time.Since(r.began), func() {
		out(b)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.late = max(r.late, time.Since(r.began)-due)
	})
}

func (r *relay) Counts() [2]Count {
	r.mu.Lock()
	defer r.mu.Unlock()
	return [2]Count{r.way[0].count, r.way[1].count}
}

func (r *relay) Late() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	late := r.late
	r.late = 0
	return late
}

func (r *relay) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range r.backs {
		b.Close()
	}
	return r.front.Close()
}

// freeAddr returns an address of loopback that nobody listens on.
func freeAddr() (string, error) {
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer c.Close()
	return c.LocalAddr().String(), nil
}
