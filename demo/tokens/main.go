// Command tokens is an example of a backend: it lets players log in and gives each a connect token for one
// arena server.
//
//	tokens -key backend.key -server eu-1 -game play.example:7777 -game-key 5f3c... -users ann:secret,bob:hidden
//	dedicated -server-id eu-1 -token-key 1=...            (the line that tokens prints)
//	HALFTICK_PASSWORD=secret play -tokens http://127.0.0.1:7790 -user ann
//
// A real backend puts its own login in the place of users.go, keeps its key in a safe place, and stands behind HTTPS:
// the password and the token must not be read on the way. A token that is stolen all the same is of
// no use without the client's key.
//
// Reading order: flags.go, handler.go, users.go.
package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/token"
)

// Exit codes.
const (
	exitFailed = 1 // it could not listen or read its key
	exitUsage  = 2 // it was told something impossible
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole program but for the process around it; it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opt, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, opt.usage)
		return 0
	}
	if err != nil {
		fmt.Fprintf(stderr, "tokens: %v (tokens -help lists the flags)\n", err)
		return exitUsage
	}
	seed, err := netcode.LoadKey(opt.key)
	if err != nil {
		fmt.Fprintln(stderr, "tokens:", err)
		return exitFailed
	}
	key := ed25519.NewKeyFromSeed(seed[:])
	l, err := net.Listen("tcp", opt.listen)
	if err != nil {
		fmt.Fprintln(stderr, "tokens:", err)
		return exitFailed
	}
	fmt.Fprintf(stdout, "tokens: http://%s/token for server %q; on that server: -server-id %s -token-key %d=%x\n",
		l.Addr(), opt.server, opt.server, opt.keyID, key.Public())
	h := &handler{opt: opt, users: opt.users, now: time.Now,
		minter: token.Minter{App: opt.app, KeyID: opt.keyID, Key: key}}
	return serve(ctx, l, h, stderr)
}

// serve answers until ctx ends. Whoever is slow is cut off.
func serve(ctx context.Context, l net.Listener, h http.Handler, stderr io.Writer) int {
	mux := http.NewServeMux()
	mux.Handle("POST /token", h)
	srv := &http.Server{Handler: mux, ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second,
		IdleTimeout: 30 * time.Second, MaxHeaderBytes: 8 << 10}
	context.AfterFunc(ctx, func() { srv.Close() })
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		fmt.Fprintln(stderr, "tokens:", err)
		return exitFailed
	}
	return 0
}
