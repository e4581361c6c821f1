package matchtest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode/matchtest"
)

// witness is a test that notes what it is told.
type witness struct {
	testing.TB
	said     strings.Builder
	failed   bool
	cleanups []func()
}

func (w *witness) Helper()                      {}
func (w *witness) Cleanup(f func())             { w.cleanups = append(w.cleanups, f) }
func (w *witness) Failed() bool                 { return w.failed }
func (w *witness) Logf(format string, a ...any) { fmt.Fprintf(&w.said, format+"\n", a...) }
func (w *witness) Errorf(format string, a ...any) {
	w.failed = true
	w.Logf(format, a...)
}
func (w *witness) Fatalf(format string, a ...any) {
	w.Errorf(format, a...)
	panic(w)
}
func (w *witness) Fatal(a ...any) { w.Fatalf("%v", a...) }

// watch runs a test that may fail and returns what it said.
func watch(test func(t testing.TB)) (w *witness) {
	w = &witness{}
	defer func() {
		if v := recover(); v != nil && v != w {
			panic(v)
		}
		for _, f := range w.cleanups {
			f()
		}
	}()
	test(w)
	return w
}

func (w *witness) mustSay(t *testing.T, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !w.failed || !strings.Contains(w.said.String(), part) {
			t.Errorf("failed %v, does not say %q: %s", w.failed, part, w.said.String())
		}
	}
}

const again = `to play it again: seed 21, conditions "delay=20ms", `

func TestFailuresSayHowToPlayThemAgain(t *testing.T) {
	o := matchtest.Options{Seed: 21, Conditions: "delay=20ms"}
	watch(func(t testing.TB) {
		m := matchtest.New(t, dots(), o)
		m.Join(nil)
		m.Join(func(*player) move { return move{Push: true} })
		m.Uncorrected(func() { m.Run(5 * time.Second) })
	}).mustSay(t, "player 1 was corrected ", again+"2 players")
	watch(func(t testing.TB) {
		m := matchtest.New(t, dots(), o)
		m.RunUntil(time.Second, func() bool { return false })
	}).mustSay(t, "it did not happen within 1s", again+"0 players, at 1.0")
	watch(func(t testing.TB) {
		m := matchtest.New(t, dots(), o)
		m.Join(nil).SetConditions("loss=100%")
		m.Run(time.Second)
		m.Settle()
	}).mustSay(t, "is not in the match", again)
	watch(func(t testing.TB) {
		g := dots()
		g.Step = func(c ctx, w *field) {
			if c.Tick == 30 {
				panic("oops")
			}
		}
		matchtest.New(t, g, o).Run(time.Second)
	}).mustSay(t, "oops", again+"0 players, at 500ms")
	watch(func(t testing.TB) { matchtest.New(t, dots(), matchtest.Options{Conditions: "delay=fast"}) }).mustSay(t, "fast")
}

// A client whose decoder went wrong would show another world than the server has: the comparison must see it.
func TestWorldsThatDifferFail(t *testing.T) {
	w := watch(func(t testing.TB) {
		m := matchtest.New(t, dots(), matchtest.Options{Seed: 21, Conditions: "delay=20ms"})
		p := m.JoinAs(client.Config{Name: "Ann"}, wander(1))
		m.Run(2 * time.Second)
		p.After = func(*player) { p.Snapshot().CopyFrom(m.Server.Snapshot()); p.Snapshot().Tick-- } // of a later tick
		m.Run(time.Second)
	})
	w.mustSay(t, "Ann has another world than the server", "Dots slot 1", again+"1 players")
}
