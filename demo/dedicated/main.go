// Command dedicated is the arena's headless server: no window, no cgo, one static binary.
//
//	dedicated -listen :7777 -admin 127.0.0.1:7780 -bots 4 -key server.key
//
// The key line that it prints is what clients pin (play -server-key). With -key it stays the same from start to start.
// With -freeze, SIGTERM keeps the match in a file, or the rooms in a directory, and the next start goes on with it: players come back to where they were.
// Players reach it over UDP and TCP on the same port, and in a browser with -web. The admin address answers /livez, /readyz and
// /metrics. SIGTERM or SIGINT tells the clients, ends within 3 s and exits with 0; a second one exits
// at once. It exits with 2 when it was told something impossible (a bad flag or address, an address
// in use) and with 1 when the match failed.
//
// Reading order: flags.go (what it can be told), main.go (its life), freeze.go, record.go, rooms.go (many matches), web.go (browsers), admin.go and
// metrics.go (what operators see), log.go.
package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/token"
	"github.com/halftick/halftick/server"
)

// Exit codes.
const (
	exitFailed = 1 // the match failed or was not frozen, or a second signal came before it had ended
	exitUsage  = 2 // it was told something impossible
)

// stopWithin is the longest that an orderly stop may take.
const stopWithin = 2500 * time.Millisecond

type match = server.Server[arena.World, arena.Input]

// served is what is served: one match, or many in rooms.
type served struct {
	game
	stats   func() server.Stats
	figures prometheus.Collector

	listening func() error // to be called once the address is taken; nil when there is nothing to do
	freeze    func() error // keeps the match, or the rooms, in -freeze and ends the ticks, and logs what was kept
}

// game is a *server.Server or a *server.Hall.
type game interface {
	Listen(addr string) error
	Run(ctx context.Context, addr string) error
	Addr() netip.AddrPort
	Host() *netcode.Host
	Endpoint() *session.Endpoint
}

func main() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr, signals))
}

// run is the whole program but for the process around it; it returns the exit code.
func run(args []string, stdout, stderr io.Writer, signals <-chan os.Signal) int {
	opt, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, opt.usage)
		return 0
	}
	if err != nil {
		return refuse(stderr, fmt.Errorf("%w (dedicated -help lists the flags)", err))
	}
	log := newLogger(stderr)
	films := &films{dir: opt.record}
	defer films.close(log)
	m, err := open(opt, films, log)
	if err != nil {
		return refuse(stderr, err)
	}
	adm, err := openAdmin(opt.admin, m)
	if err != nil {
		return refuse(stderr, err)
	}
	site, err := openWeb(opt, m)
	if err != nil {
		return refuse(stderr, err)
	}
	banner(stdout, opt, m.Addr(), adm.addr(), site.url(), m.Endpoint().PublicKey())
	site.serve(func(err error) { log.Error("browsers are not served any more", "err", err) })
	defer site.close()
	return live(m, adm, opt, log, signals)
}

// refuse says in one line why it cannot start.
func refuse(stderr io.Writer, err error) int {
	fmt.Fprintf(stderr, "dedicated: %v\n", err)
	return exitUsage
}

// open prepares the match and takes its address, so that nothing but the match itself can fail later.
func open(opt options, films *films, log *slog.Logger) (m served, err error) {
	if err := tryFreeze(opt); err != nil {
		return m, fmt.Errorf("-freeze: %w", err)
	}
	cfg := server.Config{MaxPlayers: opt.maxPlayers, Logger: log, Name: opt.name, Announce: opt.lan,
		MaxSpectators: opt.spectators, SpectatorDelay: opt.spectatorDelay}
	var seed [8]byte
	rand.Read(cfg.Secret[:])
	rand.Read(seed[:])
	cfg.Seed = binary.LittleEndian.Uint64(seed[:])
	if opt.key != "" {
		key, err := netcode.LoadKey(opt.key)
		if err != nil {
			return m, fmt.Errorf("-key: %w", err)
		}
		cfg.Key = key
	}
	game := arena.Game()
	if len(opt.tokenKeys) > 0 {
		cfg.Authorize = netcode.RequireTokens(&token.Verifier{App: game.Name, Server: opt.serverID, Keys: opt.tokenKeys})
	}
	if opt.rooms > 0 {
		m, err = openHall(opt, cfg, game, films, log)
	} else {
		m, err = openMatch(opt, cfg, game, films, log)
	}
	if err != nil {
		return m, err
	}
	if err := m.Listen(opt.listen); err != nil {
		return m, cannotListen("-listen", opt.listen, err)
	}
	if m.listening != nil {
		if err := m.listening(); err != nil {
			return m, fmt.Errorf("-freeze: %w", err)
		}
	}
	if s := m.stats().UDP; s.Small() {
		log.Warn("the system gives the UDP socket little room: see net.core.rmem_max in docs/operating.md", "bytes", s.ReceiveBuffer)
	}
	return m, nil
}

// openMatch makes the one match, or goes on with the one in -freeze.
func openMatch(opt options, cfg server.Config, game *sim.Game[arena.World, arena.Input], films *films, log *slog.Logger) (served, error) {
	if opt.record != "" {
		film, err := films.create("")
		if err != nil {
			return served{}, err
		}
		cfg.Record = film
	}
	m, thawed, err := newMatch(opt, game, cfg)
	if err != nil {
		return served{}, err
	}
	if err := bring(m, opt.bots, cfg.Seed); err != nil {
		return served{}, err
	}
	sv := served{game: m, stats: m.Stats, figures: newCollector(opt.name, m.Stats)}
	sv.freeze = func() error {
		if err := freeze(m, opt.freeze); err != nil {
			return fmt.Errorf("the match is not kept: %w", err)
		}
		log.Info("the match is frozen", "file", opt.freeze, "tick", m.Stats().Tick)
		return nil
	}
	if thawed {
		s := m.Stats()
		log.Info("going on with a frozen match", "tick", s.Tick, "away", s.Away)
		sv.listening = func() error { return os.Remove(opt.freeze) } // a match must not go on twice
	}
	return sv, nil
}

// cannotListen turns what the kernel or the resolver says into a sentence about the flag.
func cannotListen(name, addr string, err error) error {
	var address *net.AddrError
	var lookup *net.DNSError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s %s: address already in use: is another server running?", name, addr)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%s %s: this machine has no such address", name, addr)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s %s: no permission: ports below 1024 want privileges", name, addr)
	case errors.As(err, &address), errors.As(err, &lookup):
		return fmt.Errorf("%s %q: not an address: want HOST:PORT or :PORT", name, addr)
	}
	return fmt.Errorf("%s %s: %w", name, addr, err)
}

// banner says what runs where, in at most eight lines.
func banner(w io.Writer, opt options, game netip.AddrPort, admin, site string, key [32]byte) {
	fmt.Fprintf(w, "halftick arena server %q\n", opt.name)
	fmt.Fprintf(w, "  game   %s, udp and tcp, %d Hz, up to %d players, %d bots\n", game, arena.TickRate, opt.maxPlayers, opt.bots)
	if opt.rooms > 0 {
		fmt.Fprintf(w, "  rooms  arena-1 to arena-%d, up to %d players in each; clients open as many more\n", opt.rooms, opt.maxPlayers)
	}
	if admin != "" {
		fmt.Fprintf(w, "  admin  http://%s  /livez /readyz /metrics\n", admin)
	}
	if site != "" {
		fmt.Fprintf(w, "  web    %s  in a browser, over WebTransport or WebSocket\n", site)
	}
	fmt.Fprintf(w, "  join   make play ARGS=\"-connect HOST:%d\"\n", game.Port())
	fmt.Fprintf(w, "  key    %x%s\n", key, map[bool]string{true: ", of this run: who remembers it refuses the next, see -key"}[opt.key == ""])
}

// live runs the match until it fails or a signal ends it.
func live(m served, adm *admin, opt options, log *slog.Logger, signals <-chan os.Signal) int {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx, opt.listen) }()
	adm.serve(ctx)
	defer adm.close()
	select {
	case err := <-ended:
		log.Error("the server failed", "err", err)
		return exitFailed
	case s := <-signals:
		log.Info("stopping: telling the clients", "signal", s.String(), "players", m.stats().Players)
	}
	adm.drain()
	code := 0
	if opt.freeze != "" {
		if err := m.freeze(); err != nil {
			log.Error("not all is frozen", "err", err)
			code = exitFailed
		}
	}
	stop()
	return max(code, await(ended, log, signals))
}

// await waits for the match to have told its clients, but neither for long nor against a second signal.
func await(ended <-chan error, log *slog.Logger, signals <-chan os.Signal) int {
	select {
	case err := <-ended:
		if err != nil && !errors.Is(err, context.Canceled) {
			log.Error("the server ended badly", "err", err)
			return exitFailed
		}
		log.Info("stopped")
		return 0
	case <-signals:
		log.Warn("stopped at once by a second signal")
		return exitFailed
	case <-time.After(stopWithin):
		log.Warn("stopped without hearing from every client")
		return 0
	}
}
