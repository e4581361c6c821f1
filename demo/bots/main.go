// Command bots puts load on an arena server: many real clients in one process, played by bots.
//
//	bots -connect 127.0.0.1:7777 -n 64 -for 30s -transport udp -net "delay=25ms,loss=5%" -json
//
// Each client has its own socket, prediction and interpolation, like a player's; one goroutine drives
// them all, 60 times a second. At the end it tells what they went through: round trips, snapshots,
// bytes, and whether every reliable message was answered exactly once. It exits with 1 when a client
// could not connect or was disconnected, or a reliable message was lost, and with 2 when it was told something
// impossible.
//
// Reading order: flags.go, fleet.go (the loop), robot.go (one client), report.go (the figures).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/halftick/halftick/netcode"
)

// Exit codes.
const (
	exitFailed = 1 // a client could not connect or was disconnected, or a reliable message was lost
	exitUsage  = 2 // it was told something impossible
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program but for the process around it; it returns the exit code. When ctx ends,
// it reports what there is so far.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opt, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, opt.usage)
		return 0
	}
	if err != nil {
		fmt.Fprintf(stderr, "bots: %v (bots -help lists the flags)\n", err)
		return exitUsage
	}
	if opt.known != "" {
		if opt.servers, err = netcode.OpenKnownServers(opt.known); err != nil {
			fmt.Fprintln(stderr, "bots:", err)
		}
		if opt.servers == nil {
			return exitUsage
		}
	}
	var progress io.Writer = io.Discard
	if f, ok := stderr.(*os.File); ok && isTerminal(f) {
		progress = f
	}
	f := newFleet(opt, progress)
	f.run(ctx)
	for _, line := range f.complaints() {
		fmt.Fprintln(stderr, "bots:", line)
	}
	r := f.report()
	if opt.json {
		r.writeJSON(stdout)
	} else {
		r.writeText(stdout)
	}
	if r.failed() {
		return exitFailed
	}
	return 0
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
