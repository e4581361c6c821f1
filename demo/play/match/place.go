package match

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Place is a file with what a player comes back to its row with, when its process has ended without leaving: see client.Client.Resume. A nil
// Place keeps nothing.
//
//	start: taken  -->  each new ticket: kept  -->  left politely: removed
//	                                          +->  killed: there for the next start
type Place struct {
	path  string
	kept  []byte
	owned bool // nobody else's that still runs
}

// kept is what the file holds.
type kept struct {
	PID    int    `json:"pid"` // of who plays there
	Resume []byte `json:"resume"`
}

// NewPlace returns the place that is kept in a file, whose directory is made when needed. It is another process's while that runs: then it is left alone.
func NewPlace(path string) *Place { return &Place{path: path} }

// Take returns what to dial with, nil when there is nothing to come back to.
func (p *Place) Take() []byte {
	if p == nil {
		return nil
	}
	p.owned = true
	b, err := os.ReadFile(p.path)
	var k kept
	if err != nil || json.Unmarshal(b, &k) != nil {
		return nil
	}
	if k.PID != os.Getpid() && runs(k.PID) {
		p.owned = false
		return nil
	}
	return k.Resume
}

// Keep writes what the client would come back with, if that is new. A place that cannot be kept keeps nobody from playing.
func (p *Place) Keep(resume []byte) error {
	if p == nil || !p.owned || len(resume) == 0 || bytes.Equal(resume, p.kept) {
		return nil
	}
	p.kept = resume
	b, err := json.Marshal(kept{os.Getpid(), resume})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(p.path), 0o700); err != nil {
		return err
	}
	part := p.path + ".part"
	if err := os.WriteFile(part, b, 0o600); err != nil { // whoever has it can play as the player
		return err
	}
	return os.Rename(part, p.path)
}

// Forget removes the file: the player has left.
func (p *Place) Forget() error {
	if p == nil || !p.owned {
		return nil
	}
	p.kept = nil
	if err := os.Remove(p.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// runs reports whether there is such a process, as far as the system tells.
func runs(pid int) bool {
	if pid <= 0 {
		return false
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, fs.ErrPermission)
}
