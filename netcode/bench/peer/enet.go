//go:build enet

package peer

/*
#cgo pkg-config: libenet
#include <enet/enet.h>
#include <stdlib.h>

// wait waits until the host's socket has something to read, for some milliseconds at most.
static void wait_for(ENetHost *h, enet_uint32 ms) {
	enet_uint32 condition = ENET_SOCKET_WAIT_RECEIVE;
	enet_socket_wait(h->socket, &condition, ms);
}

// resize gives the socket buffers like those of the other peers.
static void resize(ENetHost *h) {
	enet_socket_set_option(h->socket, ENET_SOCKOPT_RCVBUF, 4 << 20);
	enet_socket_set_option(h->socket, ENET_SOCKOPT_SNDBUF, 4 << 20);
}

static int send_on(ENetPeer *p, enet_uint8 channel, const void *b, size_t n, enet_uint32 flags) {
	ENetPacket *packet = enet_packet_create(b, n, flags);
	if (packet == NULL) return -1;
	int failed = enet_peer_send(p, channel, packet);
	if (failed) enet_packet_destroy(packet);
	return failed;
}

// queued is the number of bytes of reliable data that are on their way or wait to be.
static size_t queued(ENetPeer *p) {
	size_t n = p->reliableDataInTransit;
	ENetListIterator i;
	for (i = enet_list_begin(&p->outgoingCommands); i != enet_list_end(&p->outgoingCommands); i = enet_list_next(i)) {
		n += ((ENetOutgoingCommand *)i)->fragmentLength;
		if (n > 1 << 20) break;
	}
	return n;
}
*/
import "C"

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"time"
	"unsafe"
)

// enet is libenet. Its host is serviced whenever a packet comes and every 5 ms; one goroutine does that, and all calls of
// the library are made under one lock. All connections of a process that dials share a host.
type enet struct{}

// withC returns the rows that need C libraries.
func withC() []Row {
	v := C.enet_linked_version()
	what := fmt.Sprintf("libenet %d.%d.%d, serviced on every packet and each 5 ms", v>>16&0xff, v>>8&0xff, v&0xff)
	return []Row{{"enet", what, false, false, []Lane{Unreliable, Reliable, Bulk}, enet{}}}
}

type enetHost struct {
	mu      sync.Mutex
	c       *C.ENetHost
	on      Handler
	conns   map[*C.ENetPeer]*enetConn
	opened  map[*C.ENetPeer]chan struct{}
	stopped bool
	ended   chan struct{}
}

type enetConn struct {
	host *enetHost
	peer *C.ENetPeer
}

// enetQueue is how many bytes may wait in a connection before Send does: the library itself has no limit.
const enetQueue = 512 << 10

func (c *enetConn) Send(lane Lane, b []byte) error {
	flags := C.enet_uint32(C.ENET_PACKET_FLAG_RELIABLE)
	if lane == Unreliable {
		flags = 0
	}
	h := c.host
	h.mu.Lock()
	defer h.mu.Unlock()
	for lane == Bulk && C.queued(c.peer) > enetQueue && !h.stopped {
		h.mu.Unlock()
		time.Sleep(time.Millisecond)
		h.mu.Lock()
	}
	if h.stopped {
		return net.ErrClosed
	}
	if C.send_on(c.peer, C.enet_uint8(lane), unsafe.Pointer(&b[0]), C.size_t(len(b)), flags) != 0 {
		return errors.New("enet_peer_send")
	}
	C.enet_host_flush(h.c)
	return nil
}

func (c *enetConn) Close() error {
	c.host.mu.Lock()
	defer c.host.mu.Unlock()
	if !c.host.stopped {
		C.enet_peer_disconnect_now(c.peer, 0)
	}
	return nil
}

// start makes a host, bound to addr where there is one.
func (enet) start(addr string, peers int, on Handler) (*enetHost, error) {
	if C.enet_initialize() != 0 {
		return nil, errors.New("enet_initialize")
	}
	var at *C.ENetAddress
	if addr != "" {
		a, err := enetAddress(addr)
		if err != nil {
			return nil, err
		}
		at = &a
	}
	h := &enetHost{on: on, conns: map[*C.ENetPeer]*enetConn{}, opened: map[*C.ENetPeer]chan struct{}{}, ended: make(chan struct{})}
	if h.c = C.enet_host_create(at, C.size_t(peers), C.size_t(Lanes), 0, 0); h.c == nil {
		return nil, errors.New("enet_host_create")
	}
	C.resize(h.c)
	go h.run()
	return h, nil
}

func enetAddress(addr string) (a C.ENetAddress, err error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return a, err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return a, err
	}
	name := C.CString(host)
	defer C.free(unsafe.Pointer(name))
	if C.enet_address_set_host_ip(&a, name) != 0 {
		return a, fmt.Errorf("enet: address %q", host)
	}
	a.port = C.enet_uint16(n)
	return a, nil
}

// run services the host until it is closed.
func (h *enetHost) run() {
	defer close(h.ended)
	for {
		C.wait_for(h.c, 5)
		h.mu.Lock()
		if h.stopped {
			h.mu.Unlock()
			return
		}
		var ev C.ENetEvent
		for C.enet_host_service(h.c, &ev, 0) > 0 {
			h.take(ev)
		}
		h.mu.Unlock()
	}
}

// take handles an event, under the lock.
func (h *enetHost) take(ev C.ENetEvent) {
	switch ev._type {
	case C.ENET_EVENT_TYPE_CONNECT:
		h.conn(ev.peer)
		if c := h.opened[ev.peer]; c != nil {
			close(c)
			delete(h.opened, ev.peer)
		}
	case C.ENET_EVENT_TYPE_DISCONNECT:
		delete(h.conns, ev.peer)
	case C.ENET_EVENT_TYPE_RECEIVE:
		h.on(h.conn(ev.peer), Lane(ev.channelID), unsafe.Slice((*byte)(unsafe.Pointer(ev.packet.data)), int(ev.packet.dataLength)))
		C.enet_packet_destroy(ev.packet)
	}
}

func (h *enetHost) conn(p *C.ENetPeer) *enetConn {
	c := h.conns[p]
	if c == nil {
		c = &enetConn{h, p}
		h.conns[p] = c
	}
	return c
}

func (h *enetHost) Close() error {
	h.mu.Lock()
	h.stopped = true
	h.mu.Unlock()
	<-h.ended
	C.enet_host_destroy(h.c)
	return nil
}

func (e enet) Listen(addr string, on Handler) (io.Closer, error) { return e.start(addr, 2048, on) }

// dialer is the host of all connections that this process dials.
var dialer = sync.OnceValues(func() (*enetHost, error) { return enet{}.start("", 2048, nil) })

func (enet) Dial(ctx context.Context, addr string, on Handler) (Conn, error) {
	h, err := dialer()
	if err != nil {
		return nil, err
	}
	to, err := enetAddress(addr)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	h.on = on
	p := C.enet_host_connect(h.c, &to, C.size_t(Lanes), 0)
	if p == nil {
		h.mu.Unlock()
		return nil, errors.New("enet_host_connect")
	}
	opened := make(chan struct{})
	h.opened[p] = opened
	c := h.conn(p)
	C.enet_host_flush(h.c)
	h.mu.Unlock()
	select {
	case <-opened:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
