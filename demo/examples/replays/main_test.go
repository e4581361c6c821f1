package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/demo/arena"
	"github.com/halftick/halftick/demo/examples/window/camera"
	"github.com/halftick/halftick/netcode/sim"
)

var cam = camera.New()

func TestMain(m *testing.M) { os.Exit(cam.Run(m)) }

// bots returns a viewer of a match of bots.
func bots(t *testing.T, length time.Duration) *viewer {
	t.Helper()
	var b bytes.Buffer
	if err := record(&b, length, 6); err != nil {
		t.Fatal(err)
	}
	v, err := open(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestRecordSeekVerify: what was recorded is all there, is shown the same from wherever one comes, and computes the same again.
func TestRecordSeekVerify(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bots.replay")
	if err := write(path, 30*time.Second, 6); err != nil {
		t.Fatal(err)
	}
	if err := write(path, time.Second, 2); err == nil {
		t.Error("a match was written over another")
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	v, err := open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if v.ticks() < 30*arena.TickRate || len(v.deaths) == 0 || v.match.Gaps() != 0 {
		t.Errorf("%d ticks, %d deaths, %d gaps", v.ticks(), len(v.deaths), v.match.Gaps())
	}
	for v.share(tickOf(v)) < 0.6 {
		if err := v.frame(time.Second / 60); err != nil {
			t.Fatal(err)
		}
	}
	at, hash := tickOf(v), v.play.Snapshot().Hash()
	for _, away := range []time.Duration{-2 * time.Second, 10 * time.Second, -time.Hour, time.Hour} {
		if err := v.skip(away); err != nil {
			t.Fatal(err)
		}
		if err := v.play.Seek(at); err != nil {
			t.Fatal(err)
		}
		if v.play.Snapshot().Hash() != hash {
			t.Errorf("tick %d looks otherwise when one comes back from %v away", at, away)
		}
	}
	if says := prove(bytes.NewReader(b), int64(len(b))); !strings.Contains(says, "all the same; 0 skipped") {
		t.Errorf("Verify: %s", says)
	}
	b[len(b)/2] ^= 1
	if says := prove(bytes.NewReader(b), int64(len(b))); !strings.Contains(says, "replay:") {
		t.Errorf("Verify of a file with one bit changed: %s", says)
	}
}

func tickOf(v *viewer) sim.Tick {
	at, _ := v.play.Tick()
	return at
}

// TestKeys: pause stands still, speed is speed, and the ends hold.
func TestKeys(t *testing.T) {
	v := bots(t, 8*time.Second)
	from := tickOf(v)
	v.paused = true
	for range 60 {
		if err := v.frame(time.Second / 60); err != nil {
			t.Fatal(err)
		}
	}
	if tickOf(v) != from {
		t.Errorf("moved from %d to %d while paused", from, tickOf(v))
	}
	v.paused = false
	v.faster(-1)
	for range 60 {
		if err := v.frame(time.Second / 60); err != nil {
			t.Fatal(err)
		}
	}
	if n := tickOf(v) - from; n < 29 || n > 30 {
		t.Errorf("%d ticks in a second of half speed", n)
	}
	v.faster(99)
	for !v.play.Ended() {
		if err := v.frame(time.Second / 60); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.skip(time.Hour); err != nil || v.share(v.match.Last()) != 1 || !v.play.Ended() {
		t.Errorf("beyond the end: %v", err)
	}
}

// TestPicture shows the middle of a match, with the verdict.
func TestPicture(t *testing.T) {
	v := bots(t, 30*time.Second)
	v.verify()
	for v.verdict != nil || len(v.shots) == 0 || tickOf(v).Before(v.deaths[0]) {
		if err := v.frame(time.Second / 60); err != nil {
			t.Fatal(err)
		}
		if v.play.Ended() {
			if err := v.seek(0); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !strings.Contains(v.says, "all the same") {
		t.Errorf("the verdict: %s", v.says)
	}
	img := cam.Picture(t, "replays.png", arena.Width, arena.Height+bar, v.draw)
	if n := camera.Colours(img); n < 10 {
		t.Errorf("the picture has %d colours", n)
	}
}
