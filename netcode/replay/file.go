package replay

import (
	"errors"
	"os"
	"sync"
)

// ErrBehind is returned by File.Write while too much waits for the disk.
var ErrBehind = errors.New("replay: the disk is too slow: too much waits to be written")

// File writes without waiting for the disk: a goroutine of its own does. Make one with Create, and close it.
type File struct {
	mu     sync.Mutex
	more   sync.Cond
	queue  []byte
	busy   []byte // being written
	closed bool
	err    error
	f      *os.File
	done   chan struct{}
}

// Create makes a new file; one that is there already is an error, so that no match is lost by mistake.
func Create(path string) (*File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	w := &File{f: f, done: make(chan struct{})}
	w.more.L = &w.mu
	go w.run()
	return w, nil
}

// Write queues b, which it copies, whole or not at all. The error is ErrBehind, or the disk's: a full disk stops the recording, not
// the match.
func (w *File) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.err != nil:
		return 0, w.err
	case w.closed:
		return 0, os.ErrClosed
	case len(w.queue) > 0 && len(w.queue)+len(b) > queueBytes:
		return 0, ErrBehind
	}
	w.queue = append(w.queue, b...)
	w.more.Signal()
	return len(b), nil
}

// run writes what is queued, until the file is closed or the disk fails.
func (w *File) run() {
	defer close(w.done)
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		for len(w.queue) == 0 && !w.closed {
			w.more.Wait()
		}
		if len(w.queue) == 0 {
			return
		}
		w.queue, w.busy = w.busy[:0], w.queue
		w.mu.Unlock()
		_, err := w.f.Write(w.busy)
		w.mu.Lock()
		if err != nil {
			w.err = err
			return
		}
	}
}

// Close waits until everything is written, and flushed to the disk. The error is the first that there was.
func (w *File) Close() error {
	w.mu.Lock()
	again := w.closed
	w.closed = true
	w.more.Signal()
	w.mu.Unlock()
	if again {
		return nil
	}
	<-w.done
	return errors.Join(w.err, w.f.Sync(), w.f.Close())
}
