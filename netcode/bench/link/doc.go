// Package link joins two processes by an emulated network: delay, loss, outages in time, a limited rate with a
// tail-drop queue. Where it may, it gives each process a network namespace of its own and carries the IP packets of both
// between two TUN devices, so that TCP and UDP meet the same fate. Elsewhere it relays UDP alone.
//
// Namespaces and devices have no names outside of the process: whatever way it ends, the kernel removes them.
//
// Start reading at link.go, then shape.go.
package link
