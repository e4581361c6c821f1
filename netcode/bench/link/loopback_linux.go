package link

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// loopback is a namespace in which both ends meet on the loopback device; without the right to make one, that of
// the machine.
type loopback struct {
	ns      *namespace // nil: the machine's
	addr    string
	process int
}

func openLoopback() (Link, error) {
	if ns, err := newNamespace(); err == nil {
		return &loopback{ns: ns, addr: "127.0.0.1:" + Port}, nil
	}
	addr, err := freeAddr()
	return &loopback{addr: addr}, err
}

func (l *loopback) CarriesTCP() bool { return true }

func (l *loopback) Start(_ int, cmd *exec.Cmd) (err error) {
	if l.ns == nil {
		err = cmd.Start()
	} else {
		err = l.ns.do(cmd.Start)
	}
	if err == nil {
		l.process = cmd.Process.Pid
	}
	return err
}

func (l *loopback) Addr() (listen, dial string) { return l.addr, l.addr }

// Counts reads what the device counted; loopback does not tell the ends apart, so all of it is under Client.
func (l *loopback) Counts() (c [2]Count) {
	table, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/dev", l.process))
	if err != nil {
		return c
	}
	for lines := bufio.NewScanner(bytes.NewReader(table)); lines.Scan(); {
		if name, rest, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "lo" {
			fmt.Sscan(rest, &c[Client].Bytes, &c[Client].Packets)
		}
	}
	return c
}

func (l *loopback) Late() time.Duration { return 0 }

func (l *loopback) Close() error {
	if l.ns == nil {
		return nil
	}
	return l.ns.Close()
}
