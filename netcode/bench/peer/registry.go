package peer

import (
	"slices"

	"github.com/halftick/halftick/netcode/session"
)

// All returns every row in the order of the tables.
func All() []Row {
	all := []Lane{Unreliable, Reliable, Bulk}
	streams := []Lane{Reliable, Bulk}
	rows := []Row{
		{"halftick", "this library, nothing set by hand", true, false, all, halftick{}},
		{"halftick-2", "the same, Redundancy: 2, which waits least", true, false, all, halftick{redundancy: 2}},
		{"halftick-all", "the same, Redundancy: All", true, false, all, halftick{redundancy: session.All}},
		{"halftick-frugal", "the same, Redundancy: Frugal", true, false, all, halftick{redundancy: session.Frugal}},
		{"halftick-kcp", "KCP in place of halftick's reliable channels, inside its sessions (netcode/kcp), in its fast mode", true, false, all, inside{}},
		{"kcp", "kcp-go v5.6.24: NoDelay(1, 10, 2, 1), ACKNoDelay, window 1024", false, false, streams, turbo{}},
		{"kcp-fec", "the same with Reed-Solomon FEC 3/3", false, false, streams, turbo{data: 3, parity: 3}},
		{"kcp-aes", "the same with AES-128-CFB and CRC-32, no FEC", true, false, streams, turbo{aes: true}},
		{"quic", "quic-go v0.62.0: a stream for reliable, one for bulk, datagrams for unreliable", true, false, all, quicGo{}},
		{"tcp", "kernel TCP, cubic, TCP_NODELAY", false, true, streams, tcp{"cubic"}},
		{"tcp-bbr", "kernel TCP, BBR, TCP_NODELAY", false, true, streams, tcp{"bbr"}},
		{"ws", "coder/websocket v1.8.15 over TCP (cubic), no TLS, no compression", false, true, streams, webSocket{}},
		{"udp", "a bare UDP socket: the floor of harness and kernel", false, false, []Lane{Unreliable}, bareUDP{}},
	}
	return append(rows, withC()...)
}

// Find returns the row of that name.
func Find(name string) (Row, bool) {
	rows := All()
	i := slices.IndexFunc(rows, func(r Row) bool { return r.Name == name })
	if i < 0 {
		return Row{}, false
	}
	return rows[i], true
}
