package ui

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// At every window size, open or closed, nothing overlaps and nothing leaves the window.
func TestLayoutNeverOverlaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := rapid.IntRange(320, 4000).Draw(t, "w")
		h := rapid.IntRange(240, 2400).Draw(t, "h")
		open := rapid.Bool().Draw(t, "panel")
		l := NewLayout(w, h, open)
		parts := map[string]Rect{"top": l.Top, "arena": l.Arena, "board": l.Board, "tools": l.Tools, "feed": l.Feed, "charts": l.Charts}
		if open {
			parts["panel"] = l.Panel
		}
		for a, ra := range parts {
			if ra.W < 40 || ra.H < 20 {
				t.Fatalf("%s is only %v", a, ra)
			}
			if px := l.Px(ra); px.X < -0.5 || px.Y < -0.5 || px.Right() > float32(w)+0.5 || px.Bottom() > float32(h)+0.5 {
				t.Fatalf("%s leaves the window: %v pixels", a, px)
			}
			for b, rb := range parts {
				if a < b && ra.Inset(0.01).Overlaps(rb.Inset(0.01)) {
					t.Fatalf("%s %v overlaps %s %v", a, ra, b, rb)
				}
			}
		}
	})
}

func TestArenaKeepsItsShape(t *testing.T) {
	for _, size := range [][2]int{{960, 540}, {1280, 720}, {800, 900}} {
		l := NewLayout(size[0], size[1], false)
		if got := l.Arena.W / l.Arena.H; math.Abs(float64(got-aspect)) > 1e-3 {
			t.Errorf("%v: aspect %v, want %v", size, got, aspect)
		}
	}
}

func TestCameraRoundTrip(t *testing.T) {
	c := NewCamera(Rect{100, 50, 480, 270}, 960)
	x, y := c.ToScreen(960, 540)
	if x != 580 || y != 320 {
		t.Errorf("far corner at %v,%v; want 580,320", x, y)
	}
	rapid.Check(t, func(t *rapid.T) {
		wx, wy := rapid.Float32Range(0, 960).Draw(t, "x"), rapid.Float32Range(0, 540).Draw(t, "y")
		gx, gy := c.ToWorld(c.ToScreen(wx, wy))
		if math.Abs(float64(gx-wx)) > 0.01 || math.Abs(float64(gy-wy)) > 0.01 {
			t.Fatalf("%v,%v came back as %v,%v", wx, wy, gx, gy)
		}
	})
}

func TestSeriesKeepsTheNewest(t *testing.T) {
	var s Series
	for i := range SeriesLen + 7 {
		s.Push(float32(i))
	}
	if s.Len() != SeriesLen || s.Back(0) != SeriesLen+6 || s.Back(SeriesLen-1) != 7 {
		t.Errorf("len %d, newest %v, oldest %v", s.Len(), s.Back(0), s.Back(SeriesLen-1))
	}
	s.Push(float32(math.NaN()))
	if s.Back(0) != 0 {
		t.Error("NaN was kept")
	}
	if got, want := s.Recent(), 0.9*float64(SeriesLen)+1.8; math.Abs(float64(got)-want) > 0.01 {
		t.Errorf("mean of the newest ten is %v, want %v", got, want)
	}
}

func TestChartScaleIsRoundAndHoldsEverySample(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Chart{Floor: rapid.Float32Range(0.1, 50).Draw(t, "floor"), Signed: rapid.Bool().Draw(t, "signed")}
		for _, v := range rapid.SliceOf(rapid.Float32Range(-1000, 1e6)).Draw(t, "samples") {
			if !c.Signed {
				v = float32(math.Abs(float64(v)))
			}
			c.Series.Push(v)
		}
		top := c.Scale()
		for i := range c.Series.Len() {
			if v := float32(math.Abs(float64(c.Series.Back(i)))); v > top*1.001 {
				t.Fatalf("sample %v above the scale %v", v, top)
			}
		}
		if lead := float64(top) / math.Pow(10, math.Floor(math.Log10(float64(top))+1e-6)); math.Abs(lead-math.Round(lead)) > 1e-3 {
			t.Fatalf("scale %v is not 1, 2 or 5 times a power of ten", top)
		}
	})
}

func TestFeedForgets(t *testing.T) {
	var f Feed
	for i := range 20 {
		f.Add(time.Duration(i)*time.Second, Line{Who: uint8(i)})
	}
	if got := f.Newest(20*time.Second, 4); len(got) != 4 || got[3].Who != 19 {
		t.Errorf("newest four: %v", got)
	}
	if got := f.Newest(36*time.Second, 100); len(got) != 4 {
		t.Errorf("%d lines left after a while, want the 4 of the last 20 s", len(got))
	}
	if len(f.lines) > feedLines {
		t.Errorf("feed holds %d lines, cap %d", len(f.lines), feedLines)
	}
}

// A small value keeps a digit: the round trip within one machine is not "0 ms".
func TestValueOfAChart(t *testing.T) {
	for v, want := range map[float32]string{0.4: "0.4 ms", 9.94: "9.9 ms", 152.3: "152 ms", -0.3: "-0.3 ms"} {
		c := Chart{Unit: "ms"}
		c.Series.Push(v)
		if got := c.Value(); got != want {
			t.Errorf("%v is shown as %q, want %q", v, got, want)
		}
	}
}
