package match

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/netcode/simnet"
)

// sit plays at a server until the place is kept, and returns what the file holds.
func sit(t *testing.T, m *Match, path string) []byte {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		m.Update(arena.Input{})
		if b, err := os.ReadFile(path); err == nil && m.Phase() == Playing && m.opt.Place.kept != nil {
			return b
		}
	}
	t.Fatalf("no place is kept: phase %d, %s", m.Phase(), m.Reason())
	return nil
}

// TestComeBackAfterACrash: who is started again after it was killed is the same player; who left politely is not.
func TestComeBackAfterACrash(t *testing.T) {
	h, err := newHost(0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.serve(context.Background()); err != nil {
		t.Fatal(err)
	}
	defer h.close()
	path := filepath.Join(t.TempDir(), "halftick", "place")
	start := func(name string) *Match {
		m, err := Start(context.Background(), Options{Connect: h.addr(), Name: name, Place: NewPlace(path)})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	ada := start("Ada")
	file, me := sit(t, ada, path), ada.Me()
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st.Mode(), err)
	}
	other, err := json.Marshal(kept{os.Getppid(), []byte("hers")}) // another process that runs
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, other, 0o600); err != nil {
		t.Fatal(err)
	}
	bob := start("Bob")
	for bob.Phase() == Connecting {
		bob.Update(arena.Input{})
	}
	if bob.Me() == 0 || bob.Me() == me {
		t.Errorf("Bob is player %d, Ada %d: a second game on the machine took her place", bob.Me(), me)
	}
	bob.Close()
	if now, _ := os.ReadFile(path); !bytes.Equal(now, other) {
		t.Error("Bob has changed what is kept for Ada")
	}

	dead := simnet.Conditions{Loss: 1} // as if the process had been killed: its goodbye is not heard
	ada.SetLink(dead, dead)
	ada.Close()
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after leaving: %v", err)
	}
	var k kept
	if err := json.Unmarshal(file, &k); err != nil || k.PID != os.Getpid() {
		t.Fatalf("%s: %v", file, err)
	}
	k.PID = 0
	file, _ = json.Marshal(k)
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	again := start("whoever")
	defer again.Close()
	sit(t, again, path)
	if c := again.seat.client(); again.Me() != me || again.Name(me) != "Ada" || !c.Status().Returned {
		t.Errorf("player %d, %q, returned %v; was player %d", again.Me(), again.Name(again.Me()), c.Status().Returned, me)
	}
}

// TestPlaceIsCareful: what cannot be understood is nothing to come back to, and without a place nothing is kept.
func TestPlaceIsCareful(t *testing.T) {
	path := filepath.Join(t.TempDir(), "place")
	for _, text := range []string{"", "{", `{"pid":"x"}`, `{"resume":7}`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if b := NewPlace(path).Take(); b != nil {
			t.Errorf("%q: %x", text, b)
		}
	}
	var none *Place
	if none.Take() != nil || none.Keep([]byte{1}) != nil || none.Forget() != nil {
		t.Error("no place keeps something")
	}
}
