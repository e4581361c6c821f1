package demo_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/halftick/halftick/"

// A layer says what the packages under a directory may import besides the standard library. What is
// not allowed is forbidden: a package without a row fails until somebody decides where it belongs.
type layer struct {
	dir     string   // from the root; covers all that lies below it, unless a longer row does
	own     []string // of this module; "x/..." allows everything under x
	foreign []string // prefixes of modules of others
	no      []string // of the standard library; "x/..." forbids x and everything below
	why     string
}

// Parts of the standard library through which the world outside leaks into a computation.
var (
	outside = []string{"net", "net/http/...", "os/...", "syscall", "io/ioutil", "math/rand", "log/..."}
	offline = append([]string{"net/netip", "math/rand/v2"}, outside...)
)

var layers = []layer{
	{"netcode/wire", nil, nil, append([]string{"time"}, offline...), "a leaf is reused and fuzzed alone"},
	{"netcode/sim", []string{"netcode/msg"}, nil, append([]string{"time"}, offline...), "a game knows no network and no clock: the same Step runs on server, client, bot and replay"},
	{"netcode/secure", nil, []string{"github.com/flynn/noise", "golang.org/x/crypto", "golang.org/x/sys/cpu"}, outside, "keys and bytes in, keys and bytes out: no session, no clock, and no randomness but what it is given"},
	{"netcode/session", []string{"netcode/wire", "netcode/secure"}, nil, outside, "the protocol is bytes and now in, bytes out: a run replays from its seed, and any carrier will do"},
	{"netcode/alarm", nil, []string{"golang.org/x/sys/unix"}, []string{"net", "net/http/...", "math/rand", "log/..."}, "a clock that rings knows nobody"},
	{"netcode/carrier", []string{"netcode/carrier"}, []string{"golang.org/x/sys", "golang.org/x/net"}, nil, "a carrier does not read the mail"},
	{"netcode/carrier/ws", []string{"netcode/carrier"}, []string{"github.com/coder/websocket"}, nil, "a carrier does not read the mail"},
	{"netcode/carrier/wt", []string{"netcode/carrier"}, []string{"github.com/quic-go/webtransport-go", "github.com/quic-go/quic-go"}, nil, "a carrier does not read the mail; the only package that holds QUIC"},
	{"netcode/simnet", []string{"netcode/carrier", "netcode/wire"}, nil, []string{"log/...", "math/rand"}, "a simulated network carries bytes and knows nobody's protocol"},
	{"netcode/msg", nil, []string{"github.com/vmihailenco/msgpack/v5"}, outside, "what a peer may say in it is decided here, before any library reads it"},
	{"netcode/kcp", []string{"netcode", "netcode/session"}, []string{"github.com/xtaci/kcp-go/v5"}, nil, "a reliability engine on top of a whole session: below it nothing is less safe"},
	{"netcode/token", nil, nil, outside, "a backend that mints tokens needs no game and no socket"},
	{"netcode/interest", []string{"netcode/sim"}, nil, append([]string{"time"}, offline...), "who is near and what comes first are numbers: no world, no session, no clock"},
	{"netcode/replica", []string{"netcode/session", "netcode/sim", "netcode/wire", "netcode/interest"}, nil, outside, "server and client speak the same words, whatever carries them"},
	{"netcode/matchtest", []string{"server", "client", "netcode/session", "netcode/sim", "netcode/replica", "netcode/simnet"}, nil, []string{"os/...", "math/rand", "log/..."}, "a game's tests hold both ends in one process; nobody else needs them together"},
	{"netcode/p2p", []string{"netcode", "netcode/session", "netcode/sim", "netcode/replica"}, nil, []string{"os/...", "math/rand", "log/..."}, "players without a server need neither server nor client"},
	{"netcode/replay", []string{"netcode/sim", "netcode/replica", "netcode/msg", "netcode/wire"}, nil, []string{"net", "net/http/...", "syscall", "math/rand", "log/..."}, "a match in a file needs no network"},
	{"netcode/netvet", []string{"netcode/netvet"}, []string{"golang.org/x/tools/go"}, nil, "a tool reads sources: a program that plays has no use for it"},
	{"netcode", []string{"netcode/session", "netcode/token", "netcode/carrier/...", "netcode/alarm"}, nil, nil, "the public face is thin: sockets, goroutines and the clock around a session, no game"},
	{"server", []string{"netcode", "netcode/session", "netcode/sim", "netcode/replica", "netcode/replay", "netcode/interest"}, []string{"golang.org/x/text/unicode/norm"}, nil, "server and client meet only on the wire; a game is passed in"},
	{"client", []string{"netcode", "netcode/session", "netcode/sim", "netcode/replica", "netcode/carrier"}, nil, nil, "server and client meet only on the wire; a game is passed in"},
	{"demo", nil, nil, nil, "the directory of the programs holds none itself"},
	{"demo/arena", []string{"netcode/sim"}, nil, append([]string{"time"}, offline...), "the same rules run on both ends, in bots and in tests, to the last bit"},
	{"demo/testdata/browser", []string{"netcode"}, nil, nil, "what tests run in a browser is a client like any other"},
	{"demo/hello", []string{"server", "client", "netcode/sim"}, []string{"github.com/hajimehoshi/ebiten/v2"}, nil, "the smallest whole game uses what its reader will use, no more"},
	{"demo/examples/window", nil, []string{"github.com/hajimehoshi/ebiten/v2", "golang.org/x/image"}, nil, "words and keys for the windows of examples: no game, no network"},
	{"demo/examples/duel", []string{"netcode/p2p", "netcode/session", "netcode/sim", "netcode/simnet", "demo/examples/window"}, []string{"github.com/hajimehoshi/ebiten/v2"}, nil, "a match without a server needs neither server nor client"},
	{"demo/examples/toys", []string{"server", "client", "netcode/sim", "netcode/carrier", "netcode/simnet", "demo/examples/window"}, []string{"github.com/hajimehoshi/ebiten/v2"}, nil, "one program holds both ends, and a bad network between them"},
	{"demo/examples/replays", []string{"server", "netcode/replay", "netcode/sim", "demo/arena", "demo/examples/window"}, []string{"github.com/hajimehoshi/ebiten/v2"}, nil, "whoever watches a file needs no network; the server plays what is recorded"},
	{"demo/examples/chat", []string{"netcode", "netcode/session", "netcode/msg"}, nil, []string{"net", "net/http/...", "math/rand"}, "sessions are of use without a game"},
	{"demo/play", []string{"server", "client", "netcode/...", "demo/arena", "demo/login", "demo/play/..."}, []string{"github.com/hajimehoshi/ebiten/v2", "golang.org/x/image", "golang.org/x/sys"}, nil, "the window is the only part of the demo that draws"},
	{"demo/dedicated", []string{"server", "netcode/...", "demo/arena"}, []string{"github.com/prometheus/client_golang", "github.com/lmittmann/tint"}, nil, "a server runs in a bare container: no window, no client"},
	{"demo/tokens", []string{"netcode", "netcode/token"}, nil, nil, "a backend knows no game: it signs who may enter"},
	{"demo/login", []string{"netcode"}, nil, nil, "a client of the backend, not of the game"},
	{"demo/bots", []string{"client", "netcode/...", "demo/arena", "demo/login"}, []string{"github.com/HdrHistogram/hdrhistogram-go"}, nil, "bots are clients like any other: no window, no server"},
}

// layerOf returns the row with the longest directory that covers dir. The rows of netcode and demo
// themselves cover nothing below: a new package there needs a row of its own.
func layerOf(dir string) (layer, bool) {
	for d := dir; d != "."; d = path.Dir(d) {
		i := slices.IndexFunc(layers, func(l layer) bool { return l.dir == d })
		if i >= 0 && (d == dir || d != "netcode" && d != "demo") {
			return layers[i], true
		}
	}
	return layer{}, false
}

// covers reports whether one of the patterns names pkg; "x/..." names x and everything below it.
func covers(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		below, tree := strings.CutSuffix(p, "/...")
		return pkg == p || tree && (pkg == below || strings.HasPrefix(pkg, below+"/"))
	})
}

// verdict says what is wrong with l importing pkg, or nothing.
func (l layer) verdict(pkg string) string {
	own, ours := strings.CutPrefix(pkg, module)
	first, _, _ := strings.Cut(pkg, "/")
	switch {
	case pkg == "C":
		return "may not use cgo: everything builds with CGO_ENABLED=0"
	case ours && !covers(l.own, own) && !(l.dir != "netcode" && strings.HasPrefix(own, l.dir+"/")):
		return fmt.Sprintf("of this module it may import only %q", l.own)
	case !ours && strings.Contains(first, ".") && !slices.ContainsFunc(l.foreign, func(p string) bool { return strings.HasPrefix(pkg+"/", p+"/") }):
		return fmt.Sprintf("of other modules it may import only %q", l.foreign)
	case !ours && covers(l.no, pkg):
		return fmt.Sprintf("of the standard library it may not import %q", l.no)
	}
	return ""
}

func TestDependencies(t *testing.T) {
	for _, f := range sources(t) {
		l, ok := layerOf(f.dir)
		if !ok {
			t.Errorf("%s: package %s is in no row of layers in demo/rules_test.go: add one that says what it may import and why", f.path, f.dir)
			continue
		}
		for _, spec := range f.ast.Imports {
			pkg, _ := strconv.Unquote(spec.Path.Value)
			if wrong := l.verdict(pkg); wrong != "" {
				t.Errorf("%s imports %s\n\trule:    %s: %s\n\treason:  %s", f.path, pkg, l.dir, wrong, l.why)
			}
		}
	}
}

// TestVerdicts keeps the judge honest: what must be refused is refused, what is needed is not.
func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		dir, pkg string
		allowed  bool
	}{
		{"netcode/sim", "net/netip", false},
		{"netcode/sim", module + "netcode/session", false},
		{"netcode/session", "net/netip", true},
		{"netcode/session", "net", false},
		{"netcode/session", module + "netcode/wire", true},
		{"netcode/session", module + "netcode/replica", false},
		{"netcode/carrier/tcp", module + "netcode/carrier", true},
		{"netcode/carrier/tcp", module + "netcode/session", false},
		{"netcode", module + "netcode/replica", false},
		{"netcode", "github.com/quic-go/quic-go", false},
		{"netcode/carrier/ws", "github.com/quic-go/quic-go", false},
		{"server", module + "client", false},
		{"server", module + "demo/arena", false},
		{"client", module + "server", false},
		{"client", "github.com/hajimehoshi/ebiten/v2", false},
		{"demo/arena", "time", false},
		{"demo/play", "github.com/hajimehoshi/ebiten/v2/text/v2", true},
		{"demo/dedicated", "github.com/hajimehoshi/ebiten/v2", false},
		{"demo/dedicated", "C", false},
	} {
		l, ok := layerOf(c.dir)
		if got := ok && l.verdict(c.pkg) == ""; got != c.allowed {
			t.Errorf("%s importing %s: allowed = %t, want %t", c.dir, c.pkg, got, c.allowed)
		}
	}
	for _, dir := range []string{"netcode/new", "demo/new", "tools"} {
		if l, ok := layerOf(dir); ok {
			t.Errorf("new directory %s is covered by the row of %s, want none", dir, l.dir)
		}
	}
}

// A source is one Go file that is not a test, whatever its build constraints.
type source struct {
	path, dir string // from the root, with slashes
	ast       *ast.File
	lines     int
	nested    bool // in a module of its own below the root's, which nobody who imports halftick gets
}

var fset = token.NewFileSet()

var parsed = sync.OnceValues(func() ([]source, error) {
	var all []source
	var modules []string // the directories of nested ones, with a slash behind
	err := walk(func(name string) error {
		if path.Base(name) == "go.mod" && name != "go.mod" {
			modules = append(modules, path.Dir(name)+"/")
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(fset, filepath.Join("..", filepath.FromSlash(name)), nil, parser.ParseComments)
		if err != nil {
			return err
		}
		all = append(all, source{name, path.Dir(name), f, fset.File(f.FileStart).LineCount(), false})
		return nil
	})
	for i := range all {
		all[i].nested = slices.ContainsFunc(modules, func(m string) bool { return strings.HasPrefix(all[i].path, m) })
	}
	return all, err
})

// sources returns every Go file of the library and its programs that is not a test. Nested modules have
// dependencies, goroutines and clocks of their own: see everySource.
func sources(t *testing.T) []source {
	t.Helper()
	return slices.DeleteFunc(slices.Clone(everySource(t)), func(f source) bool { return f.nested })
}

// everySource returns every Go file of the repository that is not a test, those of nested modules too.
func everySource(t *testing.T) []source {
	t.Helper()
	all, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("found %d source files: the rules judge nothing", len(all))
	}
	return all
}

// walk visits every file of the repository but what git and builds put there, by its path from the root.
func walk(visit func(name string) error) error {
	return filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(filepath.ToSlash(p), "../")
		if d.IsDir() {
			if name == "bin" || name == ".git" || name == ".cache" {
				return filepath.SkipDir
			}
			return nil
		}
		if name == ".git" { // in a linked work tree it is a file
			return nil
		}
		return visit(name)
	})
}
