package netcode

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/halftick/halftick/netcode/session"
)

// KnownServer is what is remembered of a server.
type KnownServer struct {
	Addr    string          // as it was dialled
	Key     [32]byte        // its public key
	Carrier session.Carrier // that reached it last
	At      time.Time       // when, to the second
}

// KnownServers remembers the servers that were reached: their public keys, so that nobody else can pose as one after the first
// visit, and the carrier that worked, which starts at once the next time. It holds maxKnown servers and forgets the one
// that was visited longest ago. The zero KnownServers is empty and lives in memory alone; see OpenKnownServers for one that
// outlives the process. Its methods may be called from several goroutines at once.
type KnownServers struct {
	mu      sync.Mutex
	path    string // empty: in memory alone
	servers []KnownServer
	damaged [][]byte // lines that could not be read: a person may mend them
	err     error
}

// OpenKnownServers reads the file at path, which need not be there yet. From then on every change is written to it at
// once, whole or not at all. Lines that make no sense are kept in the file and named by a *DamagedError; what could be
// read holds all the same. After any other error the result is nil.
func OpenKnownServers(path string) (*KnownServers, error) {
	k := &KnownServers{path: path}
	if err := k.load(); err != nil {
		return nil, fmt.Errorf("known servers: %w", err)
	}
	if len(k.damaged) > 0 {
		return k, &DamagedError{Path: path, Lines: len(k.damaged), First: fmt.Sprintf("%.80q", k.damaged[0])}
	}
	return k, nil
}

// KnownServersPath returns where a program's known servers are kept unless the user says otherwise: in the user's
// directory for settings.
func KnownServersPath(program string) (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("known servers: %w", err)
	}
	return filepath.Join(dir, program, "known_servers"), nil
}

// DamagedError says that a file of known servers has lines which make no sense. A server in one of them is not known.
type DamagedError struct {
	Path  string
	Lines int
	First string // quoted, cut off
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("known servers: %d damaged lines in %s, the first is %s: mend or delete them; the servers in them are taken for new", e.Lines, e.Path, e.First)
}

// KeyChangedError says that whoever answers at a known server's address has another key. Nothing was sent to it but what
// anybody may send.
type KeyChangedError struct {
	Known KnownServer
	Now   [32]byte // what it says its key is
}

func (e *KeyChangedError) Error() string {
	return fmt.Sprintf("the server at %s is not the one that was there on %s: its key was %x and is now %x. Either its operator has replaced the key, "+
		"or somebody poses as it. Ask the operator; to trust the new key, forget the old one",
		e.Known.Addr, e.Known.At.Format(time.DateOnly), e.Known.Key, e.Now)
}

// Of returns what is known of the server at an address.
func (k *KnownServers) Of(addr string) (s KnownServer, ok bool) {
	if k == nil {
		return s, false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	i := k.find(addr)
	if i < 0 {
		return s, false
	}
	return k.servers[i], true
}

// All returns all known servers, the newest visit last.
func (k *KnownServers) All() []KnownServer {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.servers)
}

// Forget makes the server at an address unknown, and reports whether it was known. The error is of the file.
func (k *KnownServers) Forget(addr string) (was bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	was = k.change(func() bool {
		n := len(k.servers)
		k.servers = slices.DeleteFunc(k.servers, func(s KnownServer) bool { return s.Addr == addr })
		return len(k.servers) < n
	})
	return was, k.err
}

// Err returns why the last change could not be written to the file, if it could not. In memory it holds.
func (k *KnownServers) Err() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.err
}

func (k *KnownServers) find(addr string) int {
	return slices.IndexFunc(k.servers, func(s KnownServer) bool { return s.Addr == addr })
}

// reached notes a server that a session was opened with. A visit of the same kind within knownStale of the last is not
// worth a write.
func (k *KnownServers) reached(s KnownServer) {
	if k == nil || !writable(s.Addr) {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	s.At = s.At.UTC().Truncate(time.Second)
	k.change(func() bool {
		if i := k.find(s.Addr); i >= 0 {
			old := k.servers[i]
			if old.Key == s.Key && old.Carrier == s.Carrier && s.At.Sub(old.At) < knownStale {
				return false
			}
			k.servers = slices.Delete(k.servers, i, i+1)
		} else if len(k.servers) >= maxKnown {
			k.servers = slices.Delete(k.servers, 0, 1)
		}
		k.servers = append(k.servers, s)
		return true
	})
}

// change does something to the servers, as they are in the file now: another process may have changed them. When do reports
// that it did, it is written.
func (k *KnownServers) change(do func() bool) (did bool) {
	k.err = nil
	if k.path == "" {
		return do()
	}
	k.err = k.load()
	if did = do(); did && k.err == nil {
		k.err = k.save()
	}
	return did
}

// load reads the file in place of what is in memory. After an error memory is as before.
func (k *KnownServers) load() error {
	f, err := os.Open(k.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	servers, damaged, err := parseKnown(f)
	if err != nil {
		return fmt.Errorf("%s: %w", k.path, err)
	}
	k.servers, k.damaged = servers, damaged
	return nil
}

// save replaces the file: whoever reads it sees the old or the new one whole.
func (k *KnownServers) save() error {
	dir := filepath.Dir(k.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".known_servers")
	if err != nil {
		return err
	}
	_, err = f.Write(appendKnown(nil, k.servers, k.damaged))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), k.path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

const knownHead = "# Servers that halftick programs have met: address, public key, carrier, last visit. A server whose line is deleted is new again.\n"

// appendKnown writes a file of known servers:
//
//	play.example:7777 ffe927ef...42 udp 2026-11-26T19:30:37Z
func appendKnown(b []byte, servers []KnownServer, damaged [][]byte) []byte {
	b = append(b, knownHead...)
	for _, line := range damaged {
		b = append(append(b, line...), '\n')
	}
	for _, s := range servers {
		b = fmt.Appendf(b, "%s %x %v %s\n", s.Addr, s.Key, s.Carrier, s.At.UTC().Format(time.RFC3339))
	}
	return b
}

var errKnownSize = errors.New("far larger than a file of known servers can be")

// parseKnown reads a file of known servers. Of two lines for an address the later one holds. It keeps maxKnown servers and
// maxDamaged damaged lines, cut at maxKnownLine bytes. The error is the reader's, or errKnownSize.
func parseKnown(r io.Reader) (servers []KnownServer, damaged [][]byte, err error) {
	limited := &io.LimitedReader{R: r, N: maxKnownFile}
	lines := bufio.NewReaderSize(limited, maxKnownLine)
	for {
		line, cut, err := lines.ReadLine()
		switch {
		case err == io.EOF && limited.N == 0:
			return nil, nil, errKnownSize
		case err == io.EOF:
			return servers, damaged, nil
		case err != nil:
			return nil, nil, err
		}
		for more := cut; more && err == nil; {
			_, more, err = lines.ReadLine()
		}
		if line = bytes.TrimSpace(line); len(line) == 0 || line[0] == '#' {
			continue
		}
		s, ok := parseKnownLine(line)
		if !ok || cut {
			if len(damaged) < maxDamaged {
				damaged = append(damaged, bytes.Clone(line))
			}
			continue
		}
		servers = slices.DeleteFunc(servers, func(o KnownServer) bool { return o.Addr == s.Addr })
		servers = append(servers, s)
		servers = servers[max(0, len(servers)-maxKnown):]
	}
}

// writable reports whether an address can be the first word of a line.
func writable(addr string) bool {
	return len(addr) <= maxKnownAddr && !strings.HasPrefix(addr, "#") && utf8.ValidString(addr) &&
		addr != "" && !strings.ContainsFunc(addr, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
}

func parseKnownLine(line []byte) (s KnownServer, ok bool) {
	fields := bytes.Fields(line)
	if len(fields) != 4 || !writable(string(fields[0])) {
		return s, false
	}
	key, errKey := parseKey(string(fields[1]))
	at, errTime := time.Parse(time.RFC3339, string(fields[3]))
	if errKey != nil || errTime != nil || at.Year() < 1 || at.Year() > 9999 {
		return s, false
	}
	for _, w := range ways {
		if w.carrier.String() == string(fields[2]) {
			return KnownServer{string(fields[0]), key, w.carrier, at.UTC().Truncate(time.Second)}, true
		}
	}
	return s, false
}

// local reports whether all addresses are of this machine: nobody is on the way to them, and servers come and go there under
// keys of a moment. Their keys are not held against them.
func local(addrs []netip.AddrPort) bool {
	return len(addrs) > 0 && !slices.ContainsFunc(addrs, func(a netip.AddrPort) bool { return !a.Addr().IsLoopback() })
}
