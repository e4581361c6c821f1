package main

import (
	"context"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hajimehoshi/ebiten/v2"

	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/demo/play/match"
	"github.com/halftick/halftick/demo/play/ui"
)

// actor is the window under test: the program's own app, between whose frames a test may look and act.
type actor struct {
	*app
	calls  chan func()
	done   chan struct{}
	camera chan image.RGBA // a frame is sent here when somebody waits for one
	want   bool
}

// theActor is nil where there is no display.
var theActor *actor

// TestMain runs the tests beside a real window, since a window wants the main goroutine.
func TestMain(m *testing.M) {
	if noDisplay() != "" {
		os.Exit(m.Run())
	}
	os.Exit(besideWindow(m))
}

func besideWindow(m *testing.M) int {
	opt, err := parse([]string{"-bots", "3", "-name", "Tester", "-size", "960x540"})
	if err != nil {
		panic(err)
	}
	mt, err := match.Start(context.Background(), opt.match)
	if err != nil {
		panic(err)
	}
	defer mt.Close()
	a, err := newApp(context.Background(), mt, opt)
	if err != nil {
		panic(err)
	}
	theActor = &actor{app: a, calls: make(chan func()), done: make(chan struct{}), camera: make(chan image.RGBA, 1)}
	ebiten.SetWindowTitle(title())
	ebiten.SetWindowSize(opt.width, opt.height)
	ebiten.SetRunnableOnUnfocused(true)
	code := 1
	go func() { code = m.Run(); close(theActor.done) }()
	if err := ebiten.RunGame(theActor); err != nil {
		fmt.Fprintln(os.Stderr, "window:", err)
		return 1
	}
	return code
}

// title tells this window from those of others on the same display.
func title() string { return fmt.Sprintf("halftick window test %d", os.Getpid()) }

func (w *actor) Update() error {
	for {
		select {
		case f := <-w.calls:
			f()
		case <-w.done:
			return ebiten.Termination
		default:
			return w.app.Update()
		}
	}
}

func (w *actor) Draw(screen *ebiten.Image) {
	w.app.Draw(screen)
	if !w.want {
		return
	}
	w.want = false
	img := image.NewRGBA(screen.Bounds())
	screen.ReadPixels(img.Pix)
	w.camera <- *img
}

// do runs f between two frames.
func (w *actor) do(f func()) {
	done := make(chan struct{})
	w.calls <- func() { f(); close(done) }
	<-done
}

// until waits for a condition, looking between frames.
func (w *actor) until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		ok := false
		if w.do(func() { ok = cond() }); ok {
			return
		}
	}
	w.photograph(t, "failed.png")
	t.Fatalf("waited 30 s for: %s; match: phase %d %s", what, w.match.Phase(), w.match.Reason())
}

// photograph returns the next frame and keeps it among the artifacts of the test.
func (w *actor) photograph(t *testing.T, name string) *image.RGBA {
	t.Helper()
	w.do(func() { w.want = true })
	img := <-w.camera
	if err := writePNG(filepath.Join(t.ArtifactDir(), name), &img); err != nil {
		t.Error(err)
	}
	return &img
}

// xdo works keyboard and mouse of the display.
func xdo(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("xdotool", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("xdotool %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// press holds a key down until a condition is met.
func (w *actor) press(t *testing.T, key, what string, cond func() bool) {
	t.Helper()
	xdo(t, "keydown", key)
	defer xdo(t, "keyup", key)
	w.until(t, key+": "+what, cond)
}

// onStage returns the window. Where there cannot be one, or nobody to work it, the test is skipped or,
// when CI is set, fails.
func onStage(t *testing.T) *actor {
	t.Helper()
	lacking := noDisplay()
	if _, err := exec.LookPath("xdotool"); err != nil {
		lacking = "xdotool is not installed"
	}
	if lacking != "" && os.Getenv("CI") == "" {
		t.Skipf("%s: run under xvfb-run with xdotool, or set CI to make this an error", lacking)
	}
	if lacking != "" {
		t.Fatalf("%s, and CI is set: the window must be tested", lacking)
	}
	return theActor
}

// TestWindow plays: real window, real keys and mouse, real sockets to a server with bots.
func TestWindow(t *testing.T) {
	w := onStage(t)
	w.until(t, "a match with four players", func() bool {
		s, ok := w.scene()
		return ok && s.view.Players.Len() == 4 && w.match.Phase() == match.Playing
	})
	win := xdo(t, "search", "--onlyvisible", "--name", title())
	xdo(t, "windowfocus", "--sync", win)

	t.Run("move", func(t *testing.T) { testMove(t, w) })
	t.Run("aim and shoot", func(t *testing.T) { testShoot(t, w, win) })
	t.Run("panel by key", func(t *testing.T) { testPanelKeys(t, w) })
	t.Run("panel by mouse", func(t *testing.T) { testPanelMouse(t, w, win) })
	t.Run("help", func(t *testing.T) { testHelp(t, w) })
	t.Run("picture", func(t *testing.T) { testPicture(t, w) })
	t.Run("reconnect", func(t *testing.T) { testReconnect(t, w) })
}

// own returns the player's row as drawn, or a dead one.
func (w *actor) player() arena.Player {
	if s, ok := w.scene(); ok {
		if p, ok := s.view.Players.Of(s.me); ok {
			return *p
		}
	}
	return arena.Player{}
}

func testMove(t *testing.T, w *actor) {
	// A spawn may be beside a wall on one side, never on two opposite ones.
	for _, key := range []string{"d", "a"} {
		var from arena.Player
		w.until(t, "alive", func() bool { from = w.player(); return from.Alive() })
		w.press(t, key, "the player moves or dies", func() bool {
			p := w.player()
			return !p.Alive() || abs(p.Pos.X-from.Pos.X) > 5
		})
	}
}

func testShoot(t *testing.T, w *actor, win string) {
	xdo(t, "mousemove", "--window", win, "370", "240")
	w.until(t, "the mouse arrives", func() bool { return w.hands.x == 370 && w.hands.y == 240 })
	xdo(t, "mousedown", "1")
	defer xdo(t, "mouseup", "1")
	w.until(t, "a beam of the player", func() bool {
		s, ok := w.scene()
		if !ok {
			return false
		}
		return slices.ContainsFunc(s.effects.beams, func(b beam) bool { return b.key.Source == s.me })
	})
}

func testPanelKeys(t *testing.T, w *actor) {
	w.press(t, "Tab", "the panel opens", func() bool { return w.panel.Open })
	w.press(t, "bracketright", "the delay grows", func() bool { up, _ := w.match.Link(); return up.Delay >= 40*time.Millisecond })
	w.until(t, "a round trip that has grown by it", func() bool { return w.match.Stats().RTT > 60*time.Millisecond })
	w.press(t, "2", "reconciliation goes off", func() bool { return !w.match.Tuning().Reconciliation })
	w.press(t, "p", "a preset is chosen", func() bool { return w.switches.preset >= 0 })
}

func testPanelMouse(t *testing.T, w *actor, win string) {
	var row, slider ui.Rect
	w.do(func() { row, slider = w.panel.RowRect(w.row("Reconciliation")), w.panel.TrackRect(w.row("Loss")) })
	click := func(x, y float32) {
		xdo(t, "mousemove", "--window", win, fmt.Sprint(int(x)), fmt.Sprint(int(y)))
		w.until(t, "the mouse arrives", func() bool { return w.hands.x == float32(int(x)) && w.hands.y == float32(int(y)) })
		xdo(t, "mousedown", "1")
		w.until(t, "the panel has the mouse", func() bool { return w.hands.captured })
		xdo(t, "mouseup", "1")
		w.until(t, "the panel lets go", func() bool { return !w.hands.captured })
	}
	click(row.X+row.W/2, row.Y+row.H/2)
	w.until(t, "reconciliation on again", func() bool { return w.match.Tuning().Reconciliation })
	click(slider.X+slider.W*0.2, slider.Y+slider.H/2)
	w.until(t, "loss of about 10 %", func() bool {
		up, down := w.match.Link()
		return up.Loss > 0.05 && up.Loss < 0.15 && down.Loss == up.Loss
	})
}

// row finds a row of the panel.
func (w *actor) row(label string) int {
	return slices.IndexFunc(w.panel.Rows, func(r ui.Row) bool { return r.Label == label })
}

func testHelp(t *testing.T, w *actor) {
	w.press(t, "F1", "the help opens", func() bool { return w.help })
	img := w.photograph(t, "help.png")
	w.do(func() {
		w.canvas.begin(ebiten.NewImage(960, 540), w.set().atlas)
		if low := w.hud.drawHelp(false); low > ui.BaseHeight {
			t.Errorf("the help ends at %v, below the window", low)
		}
	})
	if n := bright(img, img.Bounds()); n < 3000 {
		t.Errorf("%d bright pixels: there is no text", n)
	}
	w.press(t, "Escape", "the help closes", func() bool { return !w.help })
}

// testPicture looks at the pixels of a frame.
func testPicture(t *testing.T, w *actor) {
	w.until(t, "the player alive", func() bool { p := w.player(); return p.Alive() })
	img := w.photograph(t, "match.png")
	l := ui.NewLayout(960, 540, true)
	if got := img.Bounds().Size(); got != image.Pt(960, 540) {
		t.Fatalf("the window has %v pixels, want 960x540", got)
	}
	for name, r := range map[string]ui.Rect{"top": l.Top, "panel": l.Panel, "charts": l.Charts, "board": l.Board, "tools": l.Tools} {
		at := image.Rect(int(r.X), int(r.Y), int(r.Right()), int(r.Bottom()))
		if n := bright(img, at); n < 60 {
			t.Errorf("%s: %d bright pixels, there is no text", name, n)
		}
		if r, g, b, _ := img.At(at.Min.X+3, at.Max.Y-4).RGBA(); max(r, g, b)>>8 > 80 {
			t.Errorf("%s: its ground is not dark", name)
		}
	}
	if n := colours(img, l.Arena); n < 200 {
		t.Errorf("the arena has %d colours: nothing is shaded", n)
	}
}

// bright counts the pixels of text within r.
func bright(img *image.RGBA, r image.Rectangle) (n int) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if c := img.RGBAAt(x, y); min(c.R, c.G, c.B) > 120 {
				n++
			}
		}
	}
	return n
}

func colours(img *image.RGBA, r ui.Rect) int {
	seen := map[[3]uint8]bool{}
	for y := int(r.Y); y < int(r.Bottom()); y++ {
		for x := int(r.X); x < int(r.Right()); x++ {
			c := img.RGBAAt(x, y)
			seen[[3]uint8{c.R, c.G, c.B}] = true
		}
	}
	return len(seen)
}

func testReconnect(t *testing.T, w *actor) {
	w.press(t, "t", "another transport is chosen", func() bool { return w.match.Transport() != "auto" })
	w.do(func() {
		for w.match.Transport() != "tcp" {
			w.match.ShiftTransport(1)
		}
	})
	w.press(t, "r", "a new session begins", func() bool { return w.match.Phase() == match.Connecting })
	w.until(t, "a session over TCP", func() bool {
		return w.match.Phase() == match.Playing && w.match.Stats().Transport == "tcp"
	})
	w.press(t, "Return", "the chat opens", func() bool { return w.hud.chat.open })
	xdo(t, "type", "hello")
	w.until(t, "what was typed", func() bool { return w.hud.chat.text == "hello" })
	w.press(t, "Return", "the chat closes", func() bool { return !w.hud.chat.open })
	w.until(t, "the line from the server", func() bool {
		return slices.ContainsFunc(w.hud.feed.Newest(w.now(), 9), func(l ui.Line) bool { return l.Chat && l.Text == "hello" })
	})
}
