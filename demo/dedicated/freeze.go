package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/server"
)

// tryFreeze finds out at the start whether -freeze can be written. At the end it would cost the match.
func tryFreeze(opt options) error {
	if opt.freeze == "" {
		return nil
	}
	part := opt.freeze + ".part"
	if opt.rooms > 0 {
		if err := os.MkdirAll(opt.freeze, 0o700); err != nil {
			return err
		}
		part = filepath.Join(opt.freeze, ".part")
	}
	f, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(part))
}

// newMatch begins a match, or goes on with the one in -freeze, if that is there. thawed says which.
func newMatch(opt options, game *sim.Game[arena.World, arena.Input], cfg server.Config) (m *match, thawed bool, err error) {
	file, err := os.ReadFile(opt.freeze)
	if opt.freeze == "" || errors.Is(err, fs.ErrNotExist) {
		m, err = server.New(game, cfg)
		return m, false, err
	}
	if err == nil {
		m, err = server.Thaw(game, cfg, bytes.NewReader(file))
	}
	if err != nil {
		return nil, false, fmt.Errorf("-freeze %s: %w", opt.freeze, err)
	}
	return m, true, nil
}

// bring makes the bots of the match as many as are wanted: those of a frozen one go on, and those too many leave.
func bring(m *match, wanted int, seed uint64) error {
	for _, p := range m.Players() {
		if p.Bot && wanted > 0 && m.Rethink(p.ID, arena.NewBot(seed+uint64(p.ID)).Think) {
			wanted--
		}
	}
	for i := range wanted {
		if _, err := m.AddBot(fmt.Sprintf("bot %d", i+1), arena.NewBot(seed+uint64(i)).Think); err != nil {
			return err
		}
	}
	return nil
}

// freeze writes the match to a file, whole or not at all, and ends its ticks.
func freeze(m *match, path string) error {
	var b bytes.Buffer
	if err := m.Freeze(&b); err != nil {
		return err
	}
	part := path + ".part"
	if err := os.WriteFile(part, b.Bytes(), 0o600); err != nil {
		return err
	}
	return os.Rename(part, path)
}
