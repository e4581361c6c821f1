package netcode

import (
	"bufio"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// network makes two network namespaces with a cable between them, with IPv6 and perhaps IPv4.
func network(t *testing.T, v4 bool) (names [2]string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("network namespaces want root")
	}
	run := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			t.Skipf("ip %v: %v: %s", args, err, out)
		}
	}
	for i := range names {
		names[i] = fmt.Sprintf("halftick%d-%v-%d", os.Getpid(), v4, i)
		run("netns", "add", names[i])
		t.Cleanup(func() { exec.Command("ip", "netns", "del", names[i]).Run() })
		run("-n", names[i], "link", "set", "lo", "up")
	}
	run("link", "add", "cable", "netns", names[0], "type", "veth", "peer", "name", "cable", "netns", names[1])
	for i, name := range names {
		// One address each: with two the system may choose the other for a server's answers, see Bind.
		run("-n", name, "link", "set", "cable", "addrgenmode", "none")
		run("-n", name, "addr", "add", fmt.Sprintf("fe80::%d/64", i+1), "dev", "cable", "nodad")
		if v4 {
			run("-n", name, "addr", "add", fmt.Sprintf("10.77.1.%d/24", i+1), "dev", "cable")
		}
		run("-n", name, "link", "set", "cable", "up")
	}
	return names
}

// inside starts this test binary in a namespace, to run TestInNamespace in a role.
func inside(t *testing.T, name, role string) *exec.Cmd {
	c := exec.CommandContext(deadline(t), "ip", "netns", "exec", name, os.Args[0], "-test.run=^TestInNamespace$", "-test.v")
	c.Env = append(os.Environ(), "HALFTICK_ROLE="+role)
	return c
}

// Two servers on another machine are found, by broadcast or, where there is no IPv4, on link-local IPv6, and reached where they
// were found, over UDP and TCP.
func TestDiscoverAcrossANetwork(t *testing.T) {
	for _, v4 := range []bool{true, false} {
		t.Run(fmt.Sprintf("v4=%v", v4), func(t *testing.T) {
			names := network(t, v4)
			server := inside(t, names[0], "server")
			stdin, err := server.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			stdout, err := server.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := server.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(stdout)
			for lines.Scan() && lines.Text() != "ready" {
			}
			out, err := inside(t, names[1], "client").CombinedOutput()
			stdin.Close()
			server.Wait()
			if err != nil {
				t.Fatalf("%v:\n%s", err, out)
			}
			want := map[bool]string{true: "reached 10.77.1.1 ", false: "%cable "}[v4]
			if n := strings.Count(string(out), want); n != 4 {
				t.Errorf("want 4 lines with %q:\n%s", want, out)
			}
		})
	}
}

// TestInNamespace is what TestDiscoverAcrossANetwork runs in its namespaces.
func TestInNamespace(t *testing.T) {
	cfg := testConfig()
	cfg.App, cfg.Schema = "lan test", 77
	switch os.Getenv("HALFTICK_ROLE") {
	case "server":
		announced(t, cfg, 2)
		fmt.Println("ready")
		bufio.NewReader(os.Stdin).ReadByte() // until it is closed
	case "client":
		var at []netip.AddrPort
		for s, err := range Discover(deadline(t), cfg) {
			if err != nil || slices.Contains(at, s.Addr) {
				t.Fatalf("%+v, %v", s, err)
			}
			for _, transport := range []Transport{OnlyUDP, OnlyTCP} {
				c, err := (&Dialer{ServerKey: s.Key, Transport: transport}).Dial(deadline(t), s.Addr.String(), cfg)
				if err != nil {
					t.Fatalf("%v: %v", s.Addr, err)
				}
				fmt.Println("reached", s.Addr.Addr(), transport)
				c.Close()
			}
			if at = append(at, s.Addr); len(at) == 2 {
				return
			}
		}
	default:
		t.Skip("not in a namespace: see TestDiscoverAcrossANetwork")
	}
}
