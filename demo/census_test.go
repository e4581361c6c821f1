package demo_test

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// pure lists the directories whose code is a function of its arguments: no goroutine, no clock, no
// state outside of its values. Two runs with the same arguments do the same, to the last bit.
var pure = []string{"netcode/wire", "netcode/session", "netcode/secure", "netcode/sim", "netcode/replica", "demo/arena"}

// A place is a file that starts goroutines or reads the clock, and the reason why it may.
type place struct {
	file       string
	goroutines int // go statements and WaitGroup.Go calls
	clocks     int // time.Now, Since, Until, Sleep, After, AfterFunc, Tick, NewTimer, NewTicker
	why        string
}

var census = []place{
	{"netcode/carrier/tcp/conn.go", 0, 3, "the deadlines of a kernel socket are times of the day"},
	{"netcode/carrier/ws/conn.go", 0, 4, "the deadlines of a kernel socket are times of the day; control frames are counted by the second"},
	{"netcode/carrier/ws/conn_js.go", 0, 2, "a browser does not tell when its buffer has emptied: it is looked again"},
	{"netcode/carrier/wt/conn.go", 2, 6, "QUIC blocks: one reader of datagrams, one of streams; its deadlines are times of the day"},
	{"netcode/carrier/wt/conn_js.go", 2, 1, "promises block: one reader of datagrams, one of streams"},
	{"netcode/carrier/wt/dial.go", 0, 1, "certificates are valid at times of the day"},
	{"netcode/carrier/wt/listener.go", 2, 0, "accepts QUIC connections, and serves the requests of each"},
	{"netcode/web_listen.go", 1, 0, "a WebTransport listener's acceptor"},
	{"netcode/carrier/deadline.go", 0, 1, "the deadlines of a kernel socket are times of the day"},
	{"netcode/carrier/tcp/listener.go", 0, 1, "the rest between two failed accepts"},
	{"netcode/simnet/impaired.go", 2, 0, "a real socket blocks: one reader, and one sender that waits until a datagram is due"},
	{"netcode/simnet/sleeper.go", 0, 3, "what runs in front of real sockets waits in real time; the virtual network does not"},
	{"netcode/simnet/stream.go", 2, 0, "a real stream blocks: one goroutine for each direction"},
	{"netcode/authorize.go", 0, 1, "tokens expire at a time of the day"},
	{"netcode/alarm/coarse.go", 0, 1, "the timer of the one goroutine per host that acts when time alone makes something due, where the system has no finer one"},
	{"netcode/host.go", 0, 5, "the host is the clock of its endpoint: everything above and below takes now from it"},
	{"netcode/dial.go", 2, 0, "the timers of the host, the pilot that keeps its session alive"},
	{"netcode/race.go", 1, 2, "a stream on its way; when the next carrier joins the race, and on which day it was won"},
	{"netcode/pilot.go", 1, 1, "a TCP connection on its way; when to look for a better carrier"},
	{"netcode/redial.go", 0, 1, "the pause before the next dial"},
	{"netcode/explain.go", 0, 1, "looks whether a refused client's question is answered while the dial blocks its caller"},
	{"netcode/discover.go", 1, 1, "hears questions on a port beside the game's; when to ask a network again"},
	{"netcode/carrier/udp/group.go", 0, 1, "when to look for network interfaces that have come: the deadline of a kernel socket"},
	{"netcode/reopen.go", 1, 1, "the UDP reader of a client; the pause before a socket is opened again"},
	{"netcode/listen.go", 4, 0, "the timers of the host, its UDP reader, its TCP acceptor, handshakes"},
	{"netcode/stream.go", 2, 1, "a stream's reader and its writer, so that a slow peer blocks nobody else; how long a peer has to read the end"},
	{"netcode/kcp/api.go", 0, 2, "how long Close waits for the peer to have read everything, and when it says so again"},
	{"netcode/kcp/conn.go", 3, 0, "kcp-go blocks: one goroutine reads its stream, one writes it, one takes the session's messages"},
	{"server/run.go", 0, 1, "the real-time loop sleeps until the next tick is due"},
	{"server/hall_run.go", 1, 3, "each room's goroutine, which sleeps until its next tick is due; the Hall's beat, by which it watches them; how long its stop may take"},
	{"client/rooms.go", 0, 1, "looks for the server's list while it blocks its caller"},
	{"client/dial.go", 0, 1, "looks for the server's welcome while it blocks its caller"},
	{"demo/dedicated/admin.go", 2, 2, "answers operators and watches that ticks advance, beside the match"},
	{"demo/dedicated/main.go", 1, 1, "the match runs beside the wait for a signal; an orderly stop has a time limit"},
	{"demo/dedicated/record.go", 0, 1, "replays are named by the time"},
	{"demo/dedicated/web.go", 1, 2, "answers browsers beside the match; certificates and downloads have their times of the day"},
	{"demo/tokens/main.go", 0, 1, "tokens are issued and expire at times of the day"},
	{"demo/bots/fleet.go", 2, 5, "dials and closes block, so each has a goroutine until it is through; one loop drives all clients in real time"},
	{"netcode/replay/file.go", 1, 0, "a match does not wait for a disk"},
	{"netcode/p2p/join.go", 0, 1, "players come when they come: Join looks for them until its context ends"},
	{"demo/hello/main.go", 1, 0, "the server runs beside the window"},
	{"demo/examples/window/camera/camera.go", 1, 0, "tests run beside a window, which wants the main goroutine"},
	{"demo/examples/toys/main.go", 1, 0, "the server runs beside the window"},
	{"demo/examples/replays/viewer.go", 1, 0, "a match is computed again beside the window"},
	{"demo/examples/chat/serve.go", 2, 2, "each member is heard by a goroutine, and let go without waiting; who talks too fast is measured"},
	{"demo/examples/chat/main.go", 3, 0, "the keyboard, the session and one's own server block"},
	{"demo/play/app.go", 0, 2, "effects on screen move in real time"},
	{"demo/play/match/headless.go", 0, 2, "without a window there is nobody else to say when a frame is due"},
	{"demo/play/match/host.go", 1, 0, "the embedded server runs beside the window"},
	{"demo/play/match/match.go", 4, 3, "dials and closes block, the window must not; the match's clock"},
}

// clockReaders are the functions of package time that look at the clock or wait for it.
var clockReaders = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

func TestCensus(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range sources(t) {
		goroutines, clocks := count(f.ast)
		i := slices.IndexFunc(census, func(p place) bool { return p.file == f.path })
		if i < 0 {
			if goroutines+clocks > 0 {
				t.Errorf("%s: %s, and census in demo/census_test.go does not know it.\n"+
					"\trule:   goroutines and clocks live in few, named places; the rest takes now as an argument\n"+
					"\treason: what reads no clock and starts no goroutine replays from its seed and has no races\n"+
					"\tdo:     pass now in, or let the loop that owns the state do it; where it has to be, add a row with its reason:\n"+
					"\t        {%q, %d, %d, \"...\"},", f.path, tally(goroutines, clocks), f.path, goroutines, clocks)
			}
			continue
		}
		seen[f.path] = true
		if p := census[i]; p.goroutines != goroutines || p.clocks != clocks {
			t.Errorf("%s: %s, the census says %s (%s): correct the row, and its reason if it changed",
				f.path, tally(goroutines, clocks), tally(p.goroutines, p.clocks), p.why)
		}
		if slices.Contains(pure, f.dir) {
			t.Errorf("%s: a row of the census in a pure package: what lives there takes now as an argument, without exception", f.path)
		}
	}
	for _, p := range census {
		if !seen[p.file] {
			t.Errorf("census knows %s, which is gone: remove its row", p.file)
		}
		if p.goroutines+p.clocks == 0 || p.why == "" {
			t.Errorf("census row of %s counts nothing or gives no reason: remove it or complete it", p.file)
		}
	}
}

func tally(goroutines, clocks int) string {
	return fmt.Sprintf("%d goroutines started, %d clock reads", goroutines, clocks)
}

// count returns how many goroutines a file starts and how many times it reads the clock, as written.
func count(f *ast.File) (goroutines, clocks int) {
	clock := importedAs(f, "time")
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			goroutines++
		case *ast.CallExpr:
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Go" && len(n.Args) == 1 {
				goroutines++
			}
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && clock != "" && x.Name == clock && slices.Contains(clockReaders, n.Sel.Name) {
				clocks++
			}
		}
		return true
	})
	return goroutines, clocks
}

// importedAs returns the name by which f calls the package with that path, or "".
func importedAs(f *ast.File, pkg string) string {
	for _, spec := range f.Imports {
		if p, _ := strconv.Unquote(spec.Path.Value); p != pkg {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(strings.TrimSuffix(pkg, "/v2"))
	}
	return ""
}

// TestCount keeps the counter honest.
func TestCount(t *testing.T) {
	f := snippet(t, `package p
import clock "time"
func f() { go f(); wg.Go(f); _ = clock.Now(); clock.Sleep(clock.Second); var time T; time.Now() }`)
	if g, c := count(f); g != 2 || c != 2 {
		t.Errorf("counted %s, want %s", tally(g, c), tally(2, 2))
	}
}
