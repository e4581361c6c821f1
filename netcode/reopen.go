package netcode

import (
	"time"

	"github.com/halftick/halftick/netcode/carrier"
	"github.com/halftick/halftick/netcode/carrier/udp"
	"github.com/halftick/halftick/netcode/session"
)

// openUDP opens the socket of a client, under the lock, and begins to read it.
func (h *Host) openUDP() error {
	socket, err := h.bindUDP()
	if err != nil {
		return err
	}
	h.udp = socket
	h.running.Add(1)
	go h.readUDP()
	return nil
}

// bindUDP opens the host's UDP socket: a client's on any port, a server's where it listens.
func (h *Host) bindUDP() (carrier.Datagrams, error) {
	if h.pilot == nil {
		return listenUDP(h.listening) // its datagrams are as whole as before
	}
	socket, err := udp.Listen(":0")
	if err == nil {
		h.ep.SetProbing(session.UDP, socket.Whole())
	}
	if err != nil || h.pilot.dialer.WrapUDP == nil {
		return socket, err
	}
	return h.pilot.dialer.WrapUDP(socket), nil
}

// reopenUDP replaces a socket that has failed under its reader, which calls this, and lets a client show its server the new
// address. It returns false once the host is closed.
func (h *Host) reopenUDP() bool {
	for {
		select {
		case <-h.done:
			return false
		default:
		}
		now := h.Lock()
		_ = h.udp.Close()
		socket, err := h.bindUDP()
		if err == nil {
			h.udp = socket
			h.reopened++
			if c := h.client; c != nil {
				_ = c.Use(now, c.Path())
			}
		}
		h.Unlock()
		if err == nil {
			return true
		}
		timer := time.NewTimer(reopenEvery)
		select {
		case <-h.done:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// Reopened returns how often the host had to open its UDP socket again.
func (h *Host) Reopened() uint64 {
	h.Lock()
	defer h.Unlock()
	return h.reopened
}
