package main

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/halftick/halftick/demo/play/match"
	"github.com/halftick/halftick/demo/play/ui"
	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/simnet"
)

// options are what the player asked for.
type options struct {
	match         match.Options
	preset        int // in simnet.Presets; -1 when the conditions are none of them
	headless      bool
	width, height int // of the window
	panel, help   bool
	screenshot    string
	tokens, user  string // a backend, and who we are there
	known         string // file of known servers; empty: where settings are kept
	forget        bool   // the server at -connect
	place         string // file of the place to come back to; empty: where caches are kept
	lan           bool   // look for a server on the local network
	after         time.Duration
	usage         string
}

const (
	maxBots   = 200
	shotAfter = 5 * time.Second // when -screenshot comes without -after
)

const examples = `
Examples:
  play                                           your own server with 5 bots
  play -net delay=75ms,loss=5%                   the same with 150 ms of round trip and loss, each way
  play -net wifi -bots 3 -auto                   watch a bot play over bad wifi
  play -connect play.example:7777 -name Ada      somebody else's server
  play -connect 10.0.0.7:7777 -transport tcp     the same over TCP
  play -lan                                      one on your own network
  play -connect play.example:7777 -spectate      watch, a little late
  play -auto -screenshot shot.png -after 8s      a picture of the window, then exit
  play -headless -after 30s                      no window: a line of text per second

In the window: WASD and mouse to play, Tab for the switches, F1 for help.
`

// parse reads the command line. The error is one line that names the flag; flag.ErrHelp asks for usage.
func parse(args []string) (opt options, err error) {
	fs := flag.NewFlagSet("play", flag.ContinueOnError)
	var transport, conditions, size string
	o := &opt.match
	fs.StringVar(&o.Connect, "connect", "", "`HOST:PORT` of a server, or a URL such as wss://play.example/halftick; without it one of your own is started on this machine")
	fs.StringVar(&o.Room, "room", "", "`name` or code of a room of the server at -connect; opened when there is none, if the server lets you. Without it any")
	fs.StringVar(&o.Name, "name", "", "what the others call you; if not given, \"you\" on your own server, else the server chooses")
	fs.IntVar(&o.Bots, "bots", 5, "`number` of bots on your own server")
	fs.StringVar(&transport, "transport", "auto", "auto, udp or tcp; auto tries UDP and falls back to TCP")
	fs.Func("server-key", "the `key` that the server at -connect prints, 64 hex digits; without it whoever answers the first time is believed", func(s string) error { return pin(&o.ServerKey, s) })
	fs.BoolVar(&opt.lan, "lan", false, "list the servers on the local network and play on the first that answers")
	fs.StringVar(&opt.known, "known", "", "`file` of the servers that were met before, which must have the same key again; none uses none. If not given, in your directory for settings")
	fs.StringVar(&opt.place, "place", "", "`file` with what brings you back to your place at -connect, when the game is started again within 30s after a crash; removed when you leave. none uses none. If not given, in your directory for caches")
	fs.BoolVar(&opt.forget, "forget", false, "forget the key of the server at -connect, and believe whoever answers once more")
	fs.StringVar(&o.Web, "web", "", "`URL` of the same server for browsers, such as https://play.example/halftick: tried where UDP and TCP do not get through")
	fs.StringVar(&opt.tokens, "tokens", "", "`URL` of a backend such as demo/tokens, which says where to play and gives a token to come in with")
	fs.StringVar(&opt.user, "user", "", "your `name` at that backend; the password is read from $HALFTICK_PASSWORD")
	fs.StringVar(&conditions, "net", "none", "simulated network in front of your socket, each way: `conditions` such as\ndelay=25ms,jitter=5ms,loss=5%,burst=2%/100ms, or one of\n"+wrapped(presets(), 70))
	fs.BoolVar(&o.Spectate, "spectate", false, "only watch the match at -connect, as late as its server says")
	fs.BoolVar(&o.Auto, "auto", false, "a bot plays for you")
	fs.BoolVar(&o.Local, "local", runtime.GOOS == "js", "no sockets: server, network and client inside this process")
	fs.Uint64Var(&o.Seed, "seed", 1, "of bots and simulated network")
	fs.BoolVar(&opt.headless, "headless", false, "no window, a line of text per second")
	fs.StringVar(&size, "size", "1280x720", "`WxH` of the window in the beginning")
	fs.BoolVar(&opt.panel, "panel", false, "open the switches at once")
	fs.BoolVar(&opt.help, "help-overlay", false, "open the explanations at once")
	fs.StringVar(&opt.screenshot, "screenshot", "", "write the window to this PNG `file` and exit; see -after")
	fs.DurationVar(&opt.after, "after", 0, "exit after this `time`; for -screenshot 5s if not given")
	opt.usage = usage(fs)
	fs.SetOutput(io.Discard)
	if err := fs.Parse(args); err != nil {
		return opt, err
	}
	if fs.NArg() > 0 {
		return opt, fmt.Errorf("%q is not a flag", fs.Arg(0))
	}
	if runtime.GOOS == "js" && o.Connect != "" {
		o.Local = false
	}
	if o.Name == "" && o.Connect == "" {
		o.Name = "you"
	}
	if err := opt.check(size); err != nil {
		return opt, err
	}
	return opt, opt.network(transport, conditions)
}

func usage(fs *flag.FlagSet) string {
	var b bytes.Buffer
	b.WriteString("play: the halftick arena, a duel that shows what multiplayer techniques do.\n\n")
	fs.SetOutput(&b)
	fs.PrintDefaults()
	b.WriteString(examples)
	return b.String()
}

// check reports the first flag with an impossible value.
func (o *options) check(size string) error {
	if !o.resize(size) {
		return fmt.Errorf("-size %q: want WxH such as 1280x720, at least %dx%d", size, ui.BaseWidth/2, ui.BaseHeight/2)
	}
	if to := o.match.Connect; to != "" && !isAddress(to) {
		return fmt.Errorf("-connect %q: want HOST:PORT, such as play.example:7777, or a URL", to)
	}
	if n := o.match.Bots; n < 0 || n > maxBots {
		return fmt.Errorf("-bots %d: want 0 to %d", n, maxBots)
	}
	if o.lan && o.match.Connect != "" {
		return errors.New("-lan and -connect: want one of them")
	}
	if o.match.Spectate && (o.match.Auto || o.match.Connect == "" && !o.lan) {
		return errors.New("-spectate: want -connect or -lan, and no -auto")
	}
	if o.after < 0 {
		return fmt.Errorf("-after %v: want a time such as 10s", o.after)
	}
	if o.screenshot != "" && o.headless {
		return errors.New("-screenshot and -headless: a picture needs a window")
	}
	if o.screenshot != "" && o.after == 0 {
		o.after = shotAfter
	}
	return nil
}

// resize reads a size and reports whether a window can have it.
func (o *options) resize(size string) bool {
	w, h, _ := strings.Cut(size, "x")
	var errW, errH error
	o.width, errW = strconv.Atoi(w)
	o.height, errH = strconv.Atoi(h)
	return errW == nil && errH == nil && o.width >= ui.BaseWidth/2 && o.height >= ui.BaseHeight/2 && max(o.width, o.height) <= 8192
}

// pin reads a server's public key.
func pin(key *[32]byte, s string) error {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(key) {
		return errors.New("want 64 hex digits, as the server prints them")
	}
	*key = [32]byte(b)
	return nil
}

// isAddress reports whether s is HOST:PORT or looks like a URL, which dialling judges.
func isAddress(s string) bool {
	if strings.Contains(s, "://") {
		return true
	}
	_, port, err := net.SplitHostPort(s)
	n, bad := strconv.Atoi(port)
	return err == nil && bad == nil && n > 0 && n <= 65535
}

// network reads how to connect and what to put in between.
func (o *options) network(transport, conditions string) (err error) {
	if o.match.Transport, err = netcode.ParseTransport(transport); err != nil {
		return fmt.Errorf("-%w", err)
	}
	c, err := simnet.Parse(conditions)
	if err != nil {
		return fmt.Errorf("-net: %s", strings.TrimPrefix(err.Error(), "simnet: "))
	}
	o.match.Up, o.match.Down = c, c
	o.preset = slices.IndexFunc(simnet.Presets(), func(p simnet.Preset) bool { return p.Conditions == c })
	return nil
}

// wrapped joins words into lines of at most width bytes.
func wrapped(words []string, width int) string {
	text, line := "", words[0]
	for _, w := range words[1:] {
		if len(line)+1+len(w) > width {
			text, line = text+line+"\n", w
			continue
		}
		line += " " + w
	}
	return text + line
}

// presets returns the names of simulated networks.
func presets() (names []string) {
	for _, p := range simnet.Presets() {
		names = append(names, p.Name)
	}
	return names
}
