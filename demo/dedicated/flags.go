package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/token"
)

// options are what the operator asked for.
type options struct {
	listen         string // host:port of the game, UDP and TCP
	web            string // host:port for browsers, TCP and UDP; empty for none
	webRoot        string // directory with the files of the browser's client
	webCert        string // PEM files; empty for a certificate of development
	webKey         string
	webOrigins     []string // of pages that may play; empty for our own
	admin          string   // host:port of the admin pages; empty for none
	name           string
	serverID       string // by which tokens name this server
	tokenKeys      map[uint8]ed25519.PublicKey
	lan            bool
	bots           int
	maxPlayers     int // bots included
	spectators     int
	spectatorDelay time.Duration
	rooms          int    // matches; 0 for one and no rooms
	crashes        string // directory; empty for none
	freeze         string // file that the match is kept in from one start to the next, with rooms a directory; empty for none
	record         string // directory for the replay; empty for none
	key            string // file of the private key; empty for another key after each start
	usage          string
}

const (
	maxName  = 64 // bytes
	maxRooms = 1000
)

// parse reads the command line. The error is one line that names the flag; flag.ErrHelp asks for usage.
func parse(args []string) (opt options, err error) {
	fs := flag.NewFlagSet("dedicated", flag.ContinueOnError)
	fs.StringVar(&opt.listen, "listen", ":7777", "`address` for players, UDP and TCP; port 0 picks a free one")
	fs.StringVar(&opt.admin, "admin", "127.0.0.1:7780", "`address` of /livez, /readyz and /metrics; empty for none. Keep it private")
	fs.StringVar(&opt.web, "web", "", "`address` for browsers: pages and WebSocket on TCP, WebTransport on the same UDP port; empty for none")
	fs.StringVar(&opt.webRoot, "web-root", "", "`directory` with play.wasm and wasm_exec.js, as make web builds it")
	fs.StringVar(&opt.webCert, "web-cert", "", "PEM `file` with the certificate for browsers; without it pages are plain HTTP and WebTransport has a certificate of 13 days: for development")
	fs.StringVar(&opt.webKey, "web-key", "", "PEM `file` with the key of -web-cert")
	fs.Func("web-origin", "let in pages of this `origin`, such as https://play.example; may be given again. Without it those of this server, and no others", opt.addOrigin)
	fs.StringVar(&opt.key, "key", "", "`file` of the server's private key, by which clients know it again; made when it is not there. Empty: another key after each start")
	fs.StringVar(&opt.record, "record", "", "`directory` for a replay of the match, which demo/examples/replays plays, or of each of the -rooms; made when it is not there. A full or slow disk leaves gaps, the match goes on")
	fs.StringVar(&opt.serverID, "server-id", "arena", "`name` by which tokens mean this server, up to 16 bytes")
	fs.Func("token-key", "let in nobody without a token that this key of a backend signed, `ID=KEY` as demo/tokens prints it; may be given again for further keys", opt.addTokenKey)
	fs.StringVar(&opt.name, "name", "arena", "`name` of this server, up to 64 bytes")
	fs.BoolVar(&opt.lan, "lan", false, "make it known on the local network: play -lan finds it")
	fs.IntVar(&opt.bots, "bots", 0, "`number` of bots in the match")
	fs.IntVar(&opt.maxPlayers, "max-players", 64, "most players at a time, bots included, 1 to 255")
	fs.IntVar(&opt.spectators, "spectators", 0, "most clients that may watch (play -spectate)")
	fs.DurationVar(&opt.spectatorDelay, "spectator-delay", 10*time.Second, "how late spectators see everything, up to 1m; 0 shows them what players must not know")
	fs.StringVar(&opt.freeze, "freeze", "", "`file` to keep the match in when stopped by a signal, and to go on with when it is there; with -rooms a directory, with a file for each. It wants -key")
	fs.IntVar(&opt.rooms, "rooms", 0, "`number` of matches, arena-1 and so on, each with -max-players and -bots; clients may open as many more: play -room. 0 is one match without rooms")
	fs.StringVar(&opt.crashes, "crashes", "", "`directory` for the stack and the last world of rooms that fail, made when needed; with -rooms")
	opt.usage = usage(fs)
	fs.SetOutput(io.Discard)
	if err := fs.Parse(args); err != nil {
		return opt, err
	}
	if fs.NArg() > 0 {
		return opt, fmt.Errorf("%q is not a flag", fs.Arg(0))
	}
	return opt, opt.check()
}

func usage(fs *flag.FlagSet) string {
	var b bytes.Buffer
	b.WriteString("dedicated: the arena's headless server.\n\n")
	fs.SetOutput(&b)
	fs.PrintDefaults()
	return b.String()
}

// check reports the first flag with an impossible value.
func (o *options) check() error {
	printable := !strings.ContainsFunc(o.name, func(r rune) bool { return !unicode.IsPrint(r) })
	switch {
	case o.maxPlayers < 1 || o.maxPlayers > sim.MaxPlayers:
		return fmt.Errorf("-max-players %d: want 1 to %d", o.maxPlayers, sim.MaxPlayers)
	case o.bots < 0 || o.bots > o.maxPlayers:
		return fmt.Errorf("-bots %d: want 0 to %d, the number of -max-players", o.bots, o.maxPlayers)
	case o.spectators < 0 || o.spectators > 1000:
		return fmt.Errorf("-spectators %d: want 0 to 1000", o.spectators)
	case o.spectatorDelay < 0 || o.spectatorDelay > time.Minute:
		return fmt.Errorf("-spectator-delay %v: want 0 to 1m", o.spectatorDelay)
	case o.freeze != "" && o.key == "":
		return errors.New("-freeze: want -key, too: without it no client knows the next start for the same server")
	case o.rooms < 0 || o.rooms > maxRooms:
		return fmt.Errorf("-rooms %d: want 0 to %d", o.rooms, maxRooms)
	case o.rooms == 0 && o.crashes != "":
		return errors.New("-crashes: wants -rooms")
	case o.serverID == "" || len(o.serverID) > token.MaxName:
		return fmt.Errorf("-server-id %q: want 1 to %d bytes", o.serverID, token.MaxName)
	case o.name == "" || len(o.name) > maxName || !printable:
		return fmt.Errorf("-name %q: want 1 to %d printable bytes", o.name, maxName)
	}
	if err := checkAddress(o.listen); err != nil {
		return fmt.Errorf("-listen %q: %w", o.listen, err)
	}
	if err := checkAddress(o.web); o.web != "" && err != nil {
		return fmt.Errorf("-web %q: %w", o.web, err)
	}
	if (o.webCert == "") != (o.webKey == "") {
		return errors.New("-web-cert and -web-key: want both or neither")
	}
	if err := checkWebRoot(o.webRoot); err != nil {
		return err
	}
	if o.admin == "" {
		return nil
	}
	if err := checkAddress(o.admin); err != nil {
		return fmt.Errorf("-admin %q: %w", o.admin, err)
	}
	return nil
}

// addOrigin takes an origin as browsers write it: any other text would let in nobody, without a word.
func (o *options) addOrigin(s string) error {
	u, err := url.Parse(s)
	if s != "*" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || s != u.Scheme+"://"+u.Host) {
		return errors.New("want SCHEME://HOST or SCHEME://HOST:PORT, http or https, with nothing behind it, or * for any page")
	}
	o.webOrigins = append(o.webOrigins, s)
	return nil
}

// addTokenKey reads the number and the public key of a backend.
func (o *options) addTokenKey(s string) error {
	id, text, _ := strings.Cut(s, "=")
	n, err := strconv.ParseUint(id, 10, 8)
	key, errKey := hex.DecodeString(text)
	if err != nil || errKey != nil || len(key) != ed25519.PublicKeySize {
		return errors.New("want a number from 0 to 255, = and 64 hex digits")
	}
	if o.tokenKeys == nil {
		o.tokenKeys = map[uint8]ed25519.PublicKey{}
	}
	o.tokenKeys[uint8(n)] = key
	return nil
}

// checkWebRoot looks for what the page will ask for.
func checkWebRoot(dir string) error {
	if dir == "" {
		return nil
	}
	for _, name := range webFiles {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("-web-root %q: there is no %s: make web builds it", dir, name)
		}
	}
	return nil
}

var errAddress = errors.New("not an address: want HOST:PORT or :PORT, with a port up to 65535")

func checkAddress(addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return errAddress
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return errAddress
	}
	return nil
}
