package cell

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"time"

	"github.com/halftick/halftick/netcode/bench/peer"
)

// The roles of a process.
const (
	RoleClient = "client"
	RoleServer = "server"
)

// Node is the main function of a child: it plays a role, told by its parent over standard input, and reports on standard
// output. It returns when it is told to stop or its parent is gone.
func Node(role, addr, spec string) error {
	n := &node{role: role, tell: json.NewEncoder(os.Stdout)}
	if err := json.Unmarshal([]byte(spec), &n.spec); err != nil {
		return err
	}
	row, ok := peer.Find(n.spec.Peer)
	if !ok {
		return fmt.Errorf("no peer %q", n.spec.Peer)
	}
	n.row = row
	commands := make(chan command, 1)
	go listen(os.Stdin, commands)
	if role == RoleServer {
		return n.serve(addr, commands)
	}
	return n.call(addr, commands)
}

// node is a child.
type node struct {
	role string
	spec Spec
	row  peer.Row
	tell *json.Encoder
	prof *os.File
}

// listen reads commands until there are no more; then it closes the channel.
func listen(r io.Reader, commands chan<- command) {
	defer close(commands)
	for lines := json.NewDecoder(bufio.NewReader(r)); ; {
		var c command
		if lines.Decode(&c) != nil {
			return
		}
		commands <- c
	}
}

// lane returns the lane that carries what is not of a stream.
func (n *node) lane() peer.Lane {
	if n.row.Can(peer.Reliable) {
		return peer.Reliable
	}
	return peer.Unreliable
}

// profile begins or ends a CPU profile, where one is wanted.
func (n *node) profile(on bool) error {
	if n.spec.Profile == "" {
		return nil
	}
	if !on {
		pprof.StopCPUProfile()
		return n.prof.Close()
	}
	var err error
	if n.prof, err = os.Create(n.spec.Profile + "-" + n.role + ".pprof"); err != nil {
		return err
	}
	return pprof.StartCPUProfile(n.prof)
}

// heap writes a profile of what is in use, where profiles are wanted.
func (n *node) heap() error {
	if n.spec.Profile == "" {
		return nil
	}
	f, err := os.Create(n.spec.Profile + "-" + n.role + "-heap.pprof")
	if err != nil {
		return err
	}
	return errors.Join(pprof.WriteHeapProfile(f), f.Close())
}

// grace is how long after the end unreliable messages may still be on their way.
const grace = 300 * time.Millisecond

// finish waits for what is expected, at most for Spec.Drain, and reports what came.
func (n *node) finish(boxes []inbox, streams []Stream, expect []int, conns []peer.Conn) error {
	began := clock()
	for since := time.Duration(0); since < n.spec.Drain && !arrived(boxes, streams, expect, since < grace); since = clock() - began {
		time.Sleep(5 * time.Millisecond)
	}
	n.urgent(false)
	r := report{Event: "done"}
	collect(boxes, streams, &r)
	for _, c := range conns {
		if t, ok := c.(peer.Teller); ok && len(r.Notes) < 1 {
			r.Notes = append(r.Notes, t.Tell())
		}
	}
	r.Sample = settled()
	if err := n.heap(); err != nil {
		return err
	}
	return n.tell.Encode(r)
}
