package main

import (
	"encoding/json"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// promised are the keys that scripts rely on.
var promised = []string{"clients", "connected", "disconnects", "rtt_ms.p50", "rtt_ms.p99", "snapshots",
	"snapshot_gap_ms.p50", "snapshot_gap_ms.p99", "snapshot_gap_ms.max", "bytes_up_per_s", "bytes_down_per_s",
	"reliable_sent", "reliable_delivered", "reliable_lost", "corrections", "late_inputs"}

// figures returns the promised figures of a JSON report.
func figures(t *testing.T, report string) map[string]float64 {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(report), &object); err != nil {
		t.Fatalf("%q is no JSON object: %v", report, err)
	}
	all := map[string]float64{}
	for _, key := range promised {
		outer, inner, nested := strings.Cut(key, ".")
		value := object[outer]
		if nested {
			m, _ := value.(map[string]any)
			value = m[inner]
		}
		n, ok := value.(float64)
		if !ok {
			t.Errorf("no number %s in %s", key, report)
		}
		all[key] = n
	}
	return all
}

// checkGood says what is wrong with the figures of n clients that played for two seconds.
func checkGood(t *testing.T, got map[string]float64, n int) {
	t.Helper()
	for key, want := range map[string]float64{"clients": float64(n), "connected": float64(n), "disconnects": 0, "reliable_lost": 0} {
		if got[key] != want {
			t.Errorf("%s = %v, want %v", key, got[key], want)
		}
	}
	for _, key := range []string{"rtt_ms.p50", "snapshots", "snapshot_gap_ms.max", "bytes_up_per_s", "bytes_down_per_s", "reliable_sent"} {
		if got[key] <= 0 {
			t.Errorf("%s = %v, want more than 0", key, got[key])
		}
	}
	if got["reliable_delivered"] != got["reliable_sent"] {
		t.Errorf("%v reliable messages delivered of %v", got["reliable_delivered"], got["reliable_sent"])
	}
}

func TestPlaysWithAServer(t *testing.T) {
	server, _ := serve(t, "-bots", "2")
	for _, transport := range []string{"auto", "udp", "tcp"} {
		t.Run(transport, func(t *testing.T) {
			code, stdout, stderr := play(t, "-connect", server, "-n", "4", "-for", "2s", "-transport", transport, "-json")
			if code != 0 {
				t.Errorf("exit code %d, stderr %q", code, stderr)
			}
			checkGood(t, figures(t, stdout), 4)
			carrier := map[string]string{"auto": "udp", "udp": "udp", "tcp": "tcp"}[transport]
			if want := `"transports":{"` + carrier + `":4}`; !strings.Contains(stdout, want) {
				t.Errorf("no %s in %s", want, stdout)
			}
		})
	}
}

func TestPlaysOverABadNetwork(t *testing.T) {
	server, _ := serve(t)
	for _, transport := range []string{"udp", "tcp"} {
		code, stdout, stderr := play(t, "-connect", server, "-n", "4", "-for", "2s", "-transport", transport, "-net", "delay=25ms,jitter=5ms,loss=5%", "--json")
		if code != 0 {
			t.Errorf("%s: exit code %d, stderr %q", transport, code, stderr)
		}
		got := figures(t, stdout)
		checkGood(t, got, 4)
		if got["rtt_ms.p50"] < 50 {
			t.Errorf("%s: rtt_ms.p50 = %v with 25 ms added each way, want at least 50", transport, got["rtt_ms.p50"])
		}
	}
}

func TestReportsInText(t *testing.T) {
	server, _ := serve(t)
	code, stdout, _ := play(t, "-connect", server, "-n", "1", "-for", "500ms")
	if code != 0 || !strings.Contains(stdout, "1 connected of 1 (1 udp), 0 disconnected") {
		t.Errorf("exit code %d, %q", code, stdout)
	}
}

func TestCannotConnect(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String()
	closed.Close()
	code, stdout, stderr := play(t, "-connect", nobody, "-n", "2", "-for", "1s", "-transport", "tcp", "-json")
	got := figures(t, stdout)
	if code != exitFailed || got["clients"] != 2 || got["connected"] != 0 {
		t.Errorf("exit code %d, %s; want %d and nobody connected", code, stdout, exitFailed)
	}
	if !strings.Contains(stderr, "2 of 2 clients could not connect") {
		t.Errorf("stderr %q does not say why", stderr)
	}
}

func TestTextOfTheReport(t *testing.T) {
	var b strings.Builder
	r := report{Clients: 4, Connected: 4, Transports: map[string]int{"tcp": 1, "udp": 3}}
	if r.writeText(&b); !strings.HasPrefix(b.String(), "clients    4 connected of 4 (3 udp, 1 tcp), 0 disconnected, 0.0 s\n") {
		t.Errorf("%q", b.String())
	}
	b.Reset()
	r = report{Clients: 4}
	if r.writeText(&b); b.String() != "clients    0 connected of 4, 0 disconnected, 0.0 s\n" {
		t.Errorf("nobody connected: %q, want no figures", b.String())
	}
}

func TestServerFull(t *testing.T) {
	server, _ := serve(t, "-max-players", "2")
	code, stdout, stderr := play(t, "-connect", server, "-n", "3", "-for", "1s", "-json")
	if got := figures(t, stdout); code != exitFailed || got["connected"]+got["disconnects"] < 2 || !strings.Contains(stderr, "the server is full\n") {
		t.Errorf("exit code %d, %s, stderr %q; want %d and a word about a full server", code, stdout, stderr, exitFailed)
	}
}

// TestServerStops: the server tells its clients, so they know at once and need not time out.
func TestServerStops(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be interrupted there")
	}
	server, process := serve(t)
	time.AfterFunc(3*time.Second, func() { _ = process.Signal(os.Interrupt) })
	code, stdout, stderr := play(t, "-connect", server, "-n", "3", "-for", "30s", "-json")
	if got := figures(t, stdout); code != exitFailed || got["disconnects"] != 3 || !strings.Contains(stderr, "shutting down") {
		t.Errorf("exit code %d, %s, stderr %q; want %d, 3 disconnects and the server's reason", code, stdout, stderr, exitFailed)
	}
}

func TestRefusesWhatCannotBe(t *testing.T) {
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"-no-such-flag"}, "-no-such-flag"},
		{[]string{"7777"}, `"7777" is not a flag`},
		{[]string{"-connect", "localhost"}, "-connect"},
		{[]string{"-connect", "localhost:70000"}, "-connect"},
		{[]string{"-n", "0"}, "1 to 255"},
		{[]string{"-n", "256"}, "1 to 255"},
		{[]string{"-for", "-1s"}, "-for"},
		{[]string{"-for", "ten"}, "for"},
		{[]string{"-transport", "carrier-pigeon"}, "auto, udp or tcp"},
		{[]string{"-net", "loss=many"}, "-net"},
		{[]string{"-net", "mars"}, "wifi"},
	} {
		code, stdout, stderr := play(t, c.args...)
		line, rest, _ := strings.Cut(stderr, "\n")
		if code != exitUsage || stdout != "" || rest != "" || !strings.Contains(line, c.says) {
			t.Errorf("%q: exit code %d, stdout %q, stderr %q; want %d and one line with a word about %q", c.args, code, stdout, stderr, exitUsage, c.says)
		}
	}
	if code, stdout, _ := play(t, "-help"); code != 0 || !strings.Contains(stdout, "-transport") {
		t.Errorf("-help: exit code %d, %q", code, stdout)
	}
}
