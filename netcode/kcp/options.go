package kcp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/halftick/halftick/netcode"
)

// Options tune KCP. The zero Options are its fast mode: nodelay, 10 ms, 2 duplicates, no congestion window.
type Options struct {
	// DataShards and ParityShards, when both are above zero, add Reed-Solomon parity: of so many segments and
	// so many parities any DataShards suffice. At most 16 of each. Both ends use the same.
	DataShards, ParityShards int

	// Dialer is how Dial finds a way to the server.
	Dialer netcode.Dialer
}

const (
	maxShards    = 16
	window       = 128  // segments each way: what a peer can make us hold is 128 of at most segmentSize
	segmentSize  = 1100 // bytes of a KCP packet: it travels whole
	streamHeader = 4    // channel u8, length u24
	inPackets    = 256  // waiting for KCP; the next one is dropped, as by a socket's buffer
	inMessages   = 1024 // waiting for Recv; beyond, reliable messages wait in KCP and others are dropped
)

// withTunnel returns the configuration with the channel for KCP's packets behind the application's, and its number.
func withTunnel(cfg netcode.Config, opt Options) (netcode.Config, int, error) {
	if opt.DataShards < 0 || opt.ParityShards < 0 || opt.DataShards > maxShards || opt.ParityShards > maxShards ||
		(opt.DataShards == 0) != (opt.ParityShards == 0) {
		return cfg, 0, fmt.Errorf("kcp: %d data and %d parity shards: want both 0, or both 1 to %d", opt.DataShards, opt.ParityShards, maxShards)
	}
	n := len(cfg.Channels)
	tunnel := netcode.Channel{Name: "kcp", Kind: netcode.Unreliable, MaxMessage: segmentSize + 100}
	cfg.Channels = append(slices.Clone(cfg.Channels), tunnel)
	return cfg, n, nil
}

// address strips the scheme.
func address(addr string) string { return strings.TrimPrefix(addr, "kcp://") }
