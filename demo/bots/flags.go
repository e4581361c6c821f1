package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/halftick/halftick/demo/login"
	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/simnet"
)

// options are what the caller asked for.
type options struct {
	connect   string
	n         int
	length    time.Duration // from when every client has connected or failed to
	transport netcode.Transport
	net       simnet.Conditions // of each direction
	json      bool
	known     string                // file of known servers; empty: none
	servers   *netcode.KnownServers // of it
	tokens    login.Backend         // where each client gets its token; without a URL none needs one
	usage     string
}

// parse reads the command line. The error is one line that names the flag; flag.ErrHelp asks for usage.
func parse(args []string) (opt options, err error) {
	var transport, conditions string
	fs := flag.NewFlagSet("bots", flag.ContinueOnError)
	fs.StringVar(&opt.connect, "connect", "127.0.0.1:7777", "`address` of the server")
	fs.IntVar(&opt.n, "n", 8, "`number` of clients, 1 to 255")
	fs.DurationVar(&opt.length, "for", 10*time.Second, "how long to play once all have connected")
	fs.StringVar(&transport, "transport", "auto", "auto (UDP, else TCP), udp or tcp")
	fs.StringVar(&conditions, "net", "", "`conditions` added to each direction: a preset such as wifi or 4g, or delay=25ms,jitter=5ms,loss=5%")
	fs.StringVar(&opt.known, "known", "", "`file` of servers that were met before, as play keeps it: the server must have the key that it says. Without it whoever answers is believed")
	fs.StringVar(&opt.tokens.URL, "tokens", "", "`URL` of a backend such as demo/tokens, which gives each client a token to come in with, for a server that wants them")
	fs.StringVar(&opt.tokens.User, "user", "", "`name` at that backend: clients are NAME1, NAME2 and so on, since who comes in twice is put out; the password of all is read from $HALFTICK_PASSWORD")
	fs.BoolVar(&opt.json, "json", false, "report as one JSON object")
	opt.usage = usage(fs)
	fs.SetOutput(io.Discard)
	if err := fs.Parse(args); err != nil {
		return opt, err
	}
	if fs.NArg() > 0 {
		return opt, fmt.Errorf("%q is not a flag", fs.Arg(0))
	}
	if opt.transport, err = netcode.ParseTransport(transport); err != nil {
		return opt, fmt.Errorf("-%w", err)
	}
	if opt.net, err = simnet.Parse(conditions); err != nil {
		return opt, fmt.Errorf("-net: %s", strings.TrimPrefix(err.Error(), "simnet: "))
	}
	opt.tokens.Password = os.Getenv("HALFTICK_PASSWORD")
	return opt, opt.check()
}

func usage(fs *flag.FlagSet) string {
	var b bytes.Buffer
	b.WriteString("bots: many clients of an arena server, played by bots.\n\n")
	fs.SetOutput(&b)
	fs.PrintDefaults()
	return b.String()
}

// check reports the first flag with an impossible value.
func (o *options) check() error {
	switch {
	case o.n < 1 || o.n > sim.MaxPlayers:
		return fmt.Errorf("-n %d: want 1 to %d", o.n, sim.MaxPlayers)
	case o.length <= 0:
		return fmt.Errorf("-for %v: want a time such as 10s", o.length)
	case (o.tokens.URL == "") != (o.tokens.User == ""):
		return errors.New("-tokens and -user go together: a backend, and who to be there")
	}
	if err := checkAddress(o.connect); err != nil {
		return fmt.Errorf("-connect %q: %w", o.connect, err)
	}
	return nil
}

var errAddress = errors.New("not an address: want HOST:PORT, with a port from 1 to 65535")

func checkAddress(addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return errAddress
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return errAddress
	}
	return nil
}
