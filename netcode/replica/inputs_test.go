package replica

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/wire"
)

type input struct {
	Dx, Dy     int8    `net:"range=-1:1"`
	Aim        float32 `net:"angle=12"`
	Fire, Dash bool
}

// commands returns n commands up to and with the newest tick, as of a player who turns and fires.
func commands(newest sim.Tick, n int) []Command[input] {
	var cmds []Command[input]
	for i := range n {
		cmds = append(cmds, Command[input]{
			Tick: newest - sim.Tick(n-1-i), View: uint16(200 + i%2),
			Input: input{Dx: 1, Aim: float32(i/4) / 10, Fire: i == 3},
		})
	}
	return cmds
}

func testInputs(t testing.TB) *Inputs[input] {
	t.Helper()
	x, err := NewInputs[input]()
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestQuantise(t *testing.T) {
	x := testInputs(t)
	in := input{Dx: 100, Dy: -100, Aim: float32(math.NaN())}
	x.Quantise(&in)
	if (in != input{Dx: 1, Dy: -1}) {
		t.Errorf("%+v", in)
	}
	in.Aim = 1
	x.Quantise(&in)
	once := in
	if x.Quantise(&in); in != once || math.Abs(float64(in.Aim-1)) > 0.001 {
		t.Errorf("%+v, once more %+v", once, in)
	}
}

func drawCommands(t *rapid.T, x *Inputs[input]) []Command[input] {
	cmds := commands(sim.Tick(rapid.Uint32().Draw(t, "tick")), rapid.IntRange(0, MaxCommands).Draw(t, "n"))
	for i := range cmds {
		if rapid.IntRange(0, 3).Draw(t, "change") == 0 {
			cmds[i].View = rapid.Uint16().Draw(t, "view")
			cmds[i].Input = input{rapid.Int8().Draw(t, "dx"), 0, rapid.Float32().Draw(t, "aim"), rapid.Bool().Draw(t, "fire"), true}
		}
		x.Quantise(&cmds[i].Input)
	}
	return cmds
}

func TestInputsRoundTrip(t *testing.T) {
	x := testInputs(t)
	rapid.Check(t, func(t *rapid.T) {
		cmds := drawCommands(t, x)
		ack := SnapshotAck{Has: rapid.Bool().Draw(t, "has")}
		if ack.Has {
			ack.Tick = sim.Tick(rapid.Uint32().Draw(t, "ack"))
			if len(cmds) > 0 && rapid.Bool().Draw(t, "near") {
				ack.Tick = cmds[len(cmds)-1].Tick - sim.Tick(rapid.IntRange(-2, 1100).Draw(t, "behind"))
			}
		}
		msg := x.Append([]byte("head"), ack, cmds)
		gotAck, got, err := x.Parse(msg[4:], make([]Command[input], 5))
		if err != nil || gotAck != ack || !slices.Equal(got, cmds) {
			t.Fatalf("%v, ack %v, want %v\ngot  %+v\nwant %+v", err, gotAck, ack, got, cmds)
		}
	})
}

func TestInputsAppendTakesTheNewestRun(t *testing.T) {
	x := testInputs(t)
	_, got, err := x.Parse(x.Append(nil, SnapshotAck{}, commands(100, 50)), nil)
	if err != nil || len(got) != MaxCommands || got[0].Tick != 69 || got[31].Tick != 100 {
		t.Errorf("of 50: %d commands, %v", len(got), err)
	}
	cmds := commands(100, 10)
	cmds[5].Tick = 1
	_, got, err = x.Parse(x.Append(nil, SnapshotAck{}, cmds), nil)
	if err != nil || len(got) != 4 || got[0].Tick != 97 {
		t.Errorf("after a gap: %d commands, %v", len(got), err)
	}
}

// A player who does nothing costs a bit per command.
func TestInputsAreSmall(t *testing.T) {
	x := testInputs(t)
	cmds := commands(1000, 12)
	for i := range cmds {
		cmds[i].Input, cmds[i].View = input{Dx: 1}, 200
	}
	if n := len(x.Append(nil, SnapshotAck{Tick: 990, Has: true}, cmds)); n > 14 {
		t.Errorf("12 equal commands take %d bytes", n)
	}
}

func TestInputsParseRefuses(t *testing.T) {
	x := testInputs(t)
	msg := x.Append(nil, SnapshotAck{Tick: 90, Has: true}, commands(100, 12))
	for n := range len(msg) {
		if _, cmds, err := x.Parse(msg[:n], nil); !errors.Is(err, ErrShort) || len(cmds) != 0 {
			t.Fatalf("%d of %d bytes: %d commands, %v", n, len(msg), len(cmds), err)
		}
	}
	if _, _, err := x.Parse(append(bytes.Clone(msg), 0), nil); !errors.Is(err, ErrTrailing) {
		t.Errorf("a byte too many: %v", err)
	}
	if _, _, err := x.Parse([]byte{33, 0, 0, 0, 0, 0, 0}, nil); !errors.Is(err, ErrRange) {
		t.Errorf("33 commands: %v", err)
	}
}

func TestInputsAllocs(t *testing.T) {
	x, cmds := testInputs(t), commands(100, 12)
	var msg []byte
	got := make([]Command[input], 0, MaxCommands)
	run := func() {
		msg = x.Append(msg[:0], SnapshotAck{Tick: 90, Has: true}, cmds)
		_, got, _ = x.Parse(msg, got)
	}
	run()
	if n := testing.AllocsPerRun(50, run); n != 0 || len(got) != 12 {
		t.Errorf("%v allocations, %d commands", n, len(got))
	}
}

// FuzzInputs: any bytes are refused or give quantised commands for consecutive ticks, which travel again.
func FuzzInputs(f *testing.F) {
	x := testInputs(f)
	f.Add(x.Append(nil, SnapshotAck{Tick: 90, Has: true}, commands(100, 12)))
	f.Add(x.Append(nil, SnapshotAck{}, commands(7, 1)))
	f.Add(x.Append(nil, SnapshotAck{Tick: 5, Has: true}, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		ack, cmds, err := x.Parse(b, nil)
		if len(cmds) > MaxCommands || (err != nil && len(cmds) > 0) {
			t.Fatalf("%d commands, %v", len(cmds), err)
		}
		if err != nil {
			return
		}
		for i, c := range cmds {
			in := c.Input
			if x.Quantise(&in); in != c.Input || c.Tick != cmds[0].Tick+sim.Tick(i) {
				t.Fatalf("command %d: %+v, quantised %+v", i, c, in)
			}
		}
		ack2, again, err := x.Parse(x.Append(nil, ack, cmds), nil)
		if err != nil || ack2 != ack || !slices.Equal(again, cmds) {
			t.Fatalf("sent on: %v, %v, %v", err, ack2, again)
		}
	})
}

// A client that sends what is no number, or a value outside of a lane's range, is refused, whatever its own code clamps.
func TestInputsRefuseWhatIsNoNumber(t *testing.T) {
	type raw struct {
		Aim  float32
		Step int8 `net:"range=-1:1"`
	}
	x, err := NewInputs[raw]()
	if err != nil {
		t.Fatal(err)
	}
	one := func(aim, step uint32) []byte {
		// one command for tick 9, no ack; view +0; the input differs, not in the lanes of before, in both; the aim, from 0, less 1
		// and the step, from 1, less 1, in 16 ones and raw bits each
		zigzag := func(d uint32) uint32 { return wire.ZigZag(int32(d)) - 1 }
		return bitsOf(1, 6, 9, 32, 0, 1, 0, 1, 0, viewK, 1, 1, 0, 1, 3, 2, 0xffff, 16, zigzag(aim), 32, 0xffff, 16, zigzag(step-1), 2)
	}
	inf := math.Float32bits(float32(math.Inf(1)))
	for name, c := range map[string]struct {
		aim, step uint32
		want      error
	}{
		"a number":        {math.Float32bits(1.5), 2, nil},
		"the largest":     {math.Float32bits(math.MaxFloat32), 2, nil},
		"a denormal":      {1, 2, nil},
		"infinity":        {inf, 2, ErrRange},
		"minus infinity":  {inf | 1<<31, 2, ErrRange},
		"NaN":             {inf + 1, 2, ErrRange},
		"another NaN":     {1<<32 - 1, 2, ErrRange},
		"beyond the step": {math.Float32bits(1.5), 3, ErrRange},
	} {
		_, cmds, err := x.Parse(one(c.aim, c.step), nil)
		if !errors.Is(err, c.want) || c.want != nil && len(cmds) > 0 {
			t.Errorf("%s: %v, %+v, want %v", name, err, cmds, c.want)
		}
		if c.want == nil && (len(cmds) != 1 || cmds[0].Tick != 9 || cmds[0].Input.Step != 1) {
			t.Errorf("%s: %+v", name, cmds)
		}
	}
}
