package server

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// What is left of a room that failed or is stuck, in HallConfig.Crashes:
//
//	room-NAME-tickN-*.txt    what happened, to whom, and the stack of its goroutine
//	room-NAME-tickN-*.state  the world of its last whole tick, for replica.States.Read of the same build; its server fields, which
//	                         no past world keeps, are zero
//
// The last whole tick is the one before: the world that the panic left may be half a tick.

// save writes them. Nobody waits for it but the goroutine that ends anyway, or the Hall's own.
func (h *Hall[W, I]) save(r *Room[W, I], why string, stack []byte) {
	h.mu.Lock()
	allowed := h.cfg.Crashes != "" && h.crashes < maxCrashes
	if allowed {
		h.crashes++
	}
	h.mu.Unlock()
	err := error(nil)
	if allowed {
		err = h.write(r, why, stack)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if allowed && err == nil {
		h.counts.Crashes++
		return
	}
	h.counts.Unsaved++
	if err != nil {
		h.cfg.Logger.Error("a room that failed could not be saved", "room", r.name, "why", err)
	}
}

func (h *Hall[W, I]) write(r *Room[W, I], why string, stack []byte) error {
	if err := os.MkdirAll(h.cfg.Crashes, 0o755); err != nil {
		return err
	}
	r.mu.Lock()
	seen := r.seen
	r.mu.Unlock()
	f, err := os.CreateTemp(h.cfg.Crashes, fmt.Sprintf("room-%s-tick%d-*.txt", r.name, seen.tick))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "game %s, schema %016x\nroom %s, code %s, seed %d\n%d players, %d of them bots\nlast whole tick %d\n%s\n\n%s",
		h.game.Name, h.plan.Hash(), r.name, r.code, r.cfg.Seed, r.humans.Load()+r.bots.Load(), r.bots.Load(), seen.tick, why, stack)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil || seen.world == nil {
		return err
	}
	w := h.plan.NewWorld()
	h.plan.Restore(w, seen.world)
	return os.WriteFile(strings.TrimSuffix(f.Name(), filepath.Ext(f.Name()))+".state", h.plan.NewStates().Append(nil, w), 0o600)
}

// firstLine returns an error's text without the stack.
func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// goroutineNumber returns the number of the calling goroutine, as stacks show it.
func goroutineNumber() string {
	var b [64]byte
	fields := strings.Fields(string(b[:runtime.Stack(b[:], false)])) // "goroutine 12 [running]:"
	if len(fields) < 2 {
		return ""
	}
	return fields[1]
}

// stackOf returns the stack of a goroutine, or a line that it was not found. All goroutines stand still meanwhile.
func stackOf(number string) []byte {
	b := make([]byte, maxStack)
	b = b[:runtime.Stack(b, true)]
	for one := range bytes.SplitSeq(b, []byte("\n\n")) {
		if bytes.HasPrefix(one, []byte("goroutine "+number+" [")) {
			return bytes.Clone(one)
		}
	}
	return []byte("the stack was not found: too many goroutines")
}

// number returns that of the room's goroutine.
func (r *Room[W, I]) number() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.goroutine
}
