package ui

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// bench is a panel with one row of each kind, and what the rows operate on.
type bench struct {
	*Panel
	on      bool
	value   float64
	choice  int
	pressed int
}

func newBench() *bench {
	b := &bench{}
	b.Panel = NewPanel([]Row{
		{Kind: Heading, Label: "title"},
		{Kind: Toggle, Label: "switch", More: "1", On: func() bool { return b.on }, Act: func() { b.on = !b.on }},
		{Kind: Slider, Label: "delay", Less: "[", More: "]", Max: 500, StepSize: 5,
			Get: func() float64 { return b.value }, Set: func(v float64) { b.value = v },
			Show: func() string { return fmt.Sprint(b.value) }},
		{Kind: Choice, Label: "preset", More: "P", Shift: func(dir int) { b.choice += dir }, Show: func() string { return "" }},
		{Kind: Button, Label: "again", More: "R", Act: func() { b.pressed++ }},
	})
	b.Open = true
	b.Place(Rect{6, 36, panelWidth, 490})
	return b
}

func TestKeysOperateTheirRowsEvenWhenClosed(t *testing.T) {
	b := newBench()
	b.Open = false
	for _, k := range []string{"1", "]", "]", "[", "]", "P", "R", "R"} {
		if !b.Key(k, false) {
			t.Fatalf("no row took the key %q", k)
		}
	}
	if !b.on || b.value != 10 || b.choice != 1 || b.pressed != 2 {
		t.Errorf("on %v, value %v, choice %d, pressed %d; want true, 10, 1, 2", b.on, b.value, b.choice, b.pressed)
	}
	if b.Key("Z", false) || b.Key("", false) {
		t.Error("a key of no row was taken")
	}
}

func TestHeldKeysMoveOnlySliders(t *testing.T) {
	b := newBench()
	if b.Key("1", true) || b.Key("R", true) || b.on || b.pressed != 0 {
		t.Error("a held key flipped a switch or pressed a button again")
	}
	if !b.Key("]", true) || b.value != 5 {
		t.Error("a held key did not move its slider")
	}
}

func TestFocusSkipsHeadingsAndWraps(t *testing.T) {
	b := newBench()
	if b.Focus != 1 {
		t.Fatalf("focus starts at %d, want 1: headings cannot be operated", b.Focus)
	}
	b.Move(-1)
	if b.Focus != 4 {
		t.Errorf("focus %d after moving up from the first row, want the last, 4", b.Focus)
	}
	b.Move(+1)
	b.Step(+1)
	if !b.on {
		t.Error("stepping the row in focus did not flip it")
	}
}

func TestMouse(t *testing.T) {
	b := newBench()
	mid := func(i int) (float32, float32) { r := b.RowRect(i); return r.X + r.W/2, r.Y + r.H/2 }

	x, y := mid(1)
	b.Press(x, y)
	if !b.on {
		t.Error("a click on a switch did not flip it")
	}
	track := b.TrackRect(2)
	b.Press(track.X+track.W/2, track.Y+1)
	if b.value != 250 {
		t.Errorf("a click in the middle of the track gave %v, want 250", b.value)
	}
	b.Drag(track.Right() + 1000)
	if b.value != 500 {
		t.Errorf("dragging past the end gave %v, want the greatest value, 500", b.value)
	}
	b.Release()
	b.Drag(track.X)
	if b.value != 500 {
		t.Error("the slider still moves after the button was released")
	}
	if x, y = mid(2); !b.Wheel(x, y, -1) || b.value != 495 {
		t.Errorf("the wheel gave %v, want 495", b.value)
	}
	if x, y = mid(0); !b.Press(x, y) {
		t.Error("a click on a heading fell through to the game")
	}
	if b.Press(700, 300) {
		t.Error("a click outside the panel was taken")
	}
	b.Open = false
	if x, y = mid(1); b.Press(x, y) {
		t.Error("a closed panel took a click")
	}
}

// Whatever is done to a slider, its value stays within its range and on a step.
func TestSliderStaysInRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBench()
		for _, op := range rapid.SliceOfN(rapid.IntRange(0, 3), 1, 40).Draw(t, "ops") {
			switch op {
			case 0:
				b.Key("[", true)
			case 1:
				b.Key("]", false)
			default:
				r := b.RowRect(2)
				b.Press(r.X+1, r.Y+1)
				b.Drag(rapid.Float32Range(-5000, 5000).Draw(t, "x"))
				b.Release()
			}
			if n := b.value / 5; b.value < 0 || b.value > 500 || n != float64(int(n)) {
				t.Fatalf("value %v is outside 0..500 or between steps", b.value)
			}
		}
	})
}
