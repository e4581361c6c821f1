package main

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"net"

	"github.com/halftick/halftick/netcode/token"
)

// options are what the operator asked for.
type options struct {
	listen  string
	key     string // file of the signing key
	keyID   uint8
	app     string
	server  string // the audience of the tokens
	game    string // host:port that players are told
	gameKey string // the game server's public key, in hex; may be empty
	users   users
	usage   string
}

// parse reads the command line. The error is one line that names the flag; flag.ErrHelp asks for usage.
func parse(args []string) (opt options, err error) {
	var keyID int
	fs := flag.NewFlagSet("tokens", flag.ContinueOnError)
	fs.StringVar(&opt.listen, "listen", "127.0.0.1:7790", "`address` to answer HTTP on; put HTTPS in front")
	fs.StringVar(&opt.key, "key", "backend.key", "`file` of the signing key; made when it is not there. Keep it off the game servers")
	fs.IntVar(&keyID, "key-id", 1, "`number` of the key, 0 to 255: servers can know several while one replaces another")
	fs.StringVar(&opt.app, "app", "arena", "`name` of the game")
	fs.StringVar(&opt.server, "server", "arena", "`name` of the game server the tokens are for, up to 16 bytes")
	fs.StringVar(&opt.game, "game", "127.0.0.1:7777", "`address` of the game server, for the players")
	fs.StringVar(&opt.gameKey, "game-key", "", "the game server's public `key` in hex, for the players to pin")
	fs.Var(&opt.users, "users", "who may play, as `name:password,name:password`")
	opt.usage = usage(fs)
	fs.SetOutput(io.Discard)
	if err := fs.Parse(args); err != nil {
		return opt, err
	}
	if keyID < 0 || keyID > 255 {
		return opt, fmt.Errorf("-key-id %d: want 0 to 255", keyID)
	}
	opt.keyID = uint8(keyID)
	return opt, opt.check(fs)
}

func usage(fs *flag.FlagSet) string {
	var b bytes.Buffer
	b.WriteString("tokens: an example of a backend that gives players connect tokens for an arena server.\n\n")
	fs.SetOutput(&b)
	fs.PrintDefaults()
	return b.String()
}

// check reports the first flag with an impossible value.
func (o *options) check(fs *flag.FlagSet) error {
	switch {
	case fs.NArg() > 0:
		return fmt.Errorf("%q is not a flag", fs.Arg(0))
	case o.server == "" || len(o.server) > token.MaxName:
		return fmt.Errorf("-server %q: want 1 to %d bytes", o.server, token.MaxName)
	case o.app == "":
		return fmt.Errorf("-app: want the name of the game")
	case len(o.users) == 0:
		return fmt.Errorf("-users: want at least one name:password")
	}
	if _, _, err := net.SplitHostPort(o.game); err != nil {
		return fmt.Errorf("-game %q: want host:port", o.game)
	}
	if b, err := hex.DecodeString(o.gameKey); err != nil || len(b) != 0 && len(b) != 32 {
		return fmt.Errorf("-game-key %q: want 64 hex digits", o.gameKey)
	}
	return nil
}
