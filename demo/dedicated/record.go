package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/halftick/halftick/netcode/replay"
)

// films are the replays of this start, in -record.
type films struct {
	dir string // empty: nothing is recorded

	mu  sync.Mutex
	all []*replay.File
}

// create makes a file with a name of its own: the time, and what it is of.
func (f *films) create(of string) (*replay.File, error) {
	if err := os.MkdirAll(f.dir, 0o755); err != nil {
		return nil, fmt.Errorf("-record: %w", err)
	}
	film, err := replay.Create(filepath.Join(f.dir, time.Now().UTC().Format("20060102-150405.000")+of+".replay"))
	if err != nil {
		return nil, fmt.Errorf("-record: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = append(f.all, film)
	return film, nil
}

// close waits for the disk, after the matches.
func (f *films) close(log *slog.Logger) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, film := range f.all {
		if err := film.Close(); err != nil {
			log.Error("a replay is not whole", "err", err)
		}
	}
}
