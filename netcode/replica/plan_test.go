package replica

import (
	"errors"
	"strings"
	"testing"

	"github.com/halftick/halftick/netcode/sim"
)

func TestPlanDescribes(t *testing.T) {
	p := testPlan(t)
	about := p.Describe()
	for _, want := range []string{
		"globals: 43 lanes", "Units: 23 lanes", "Extra.Shots: 3 lanes",
		"Pos.X float32 range=-512:512,step=1/64,lerp,smooth: 17 bits",
		"Target uint32 (ID): 32 bits", "Slots[2] uint8 range=5:9: 3 bits",
		"secret int server: stays", "Notes array [4]int32 server: stays",
	} {
		if !strings.Contains(about, want) {
			t.Errorf("Describe lacks %q:\n%s", want, about)
		}
	}
	if got := strings.Join(p.Tables(), " "); got != "globals Units Extra.Shots" {
		t.Errorf("Tables: %s", got)
	}
}

func hashOf[W any](t *testing.T) uint64 {
	t.Helper()
	p, err := NewPlan[W]()
	if err != nil {
		t.Fatal(err)
	}
	return p.Hash()
}

// Every world here differs from the first in one respect; their hashes must all differ.
func TestHashTellsSchemasApart(t *testing.T) {
	type kind uint8
	hashes := map[uint64]string{}
	add := func(name string, h uint64) {
		if other, ok := hashes[h]; ok {
			t.Errorf("%s and %s have the same hash", name, other)
		}
		hashes[h] = name
	}
	add("plain", hashOf[struct{ A, B uint8 }](t))
	add("renamed", hashOf[struct{ A, C uint8 }](t))
	add("reordered", hashOf[struct{ B, A uint8 }](t))
	add("wider", hashOf[struct {
		A uint8
		B uint16
	}](t))
	add("signed", hashOf[struct {
		A uint8
		B int8
	}](t))
	add("named type", hashOf[struct {
		A uint8
		B kind
	}](t))
	add("tagged", hashOf[struct {
		A uint8
		B uint8 `net:"bits=8"`
	}](t))
	add("const", hashOf[struct {
		A uint8
		B uint8 `net:"const"`
	}](t))
	add("server", hashOf[struct {
		A uint8
		B uint8 `net:"server"`
	}](t))
	add("fewer", hashOf[struct{ A uint8 }](t))
	add("rotation", hashOf[struct {
		A [4]float32 `net:"quat,step=0.001"`
	}](t))
	add("finer rotation", hashOf[struct {
		A [4]float32 `net:"quat,step=0.0009"`
	}](t))
	add("in a table", hashOf[struct {
		T sim.Table[struct{ A, B uint8 }]
	}](t))
	add("in another table", hashOf[struct {
		U sim.Table[struct{ A, B uint8 }]
	}](t))
	if h := hashOf[struct{ A, B uint8 }](t); hashes[h] != "plain" {
		t.Error("equal worlds have different hashes")
	}
}

func schemaErr[W any](t *testing.T, path, why string) {
	t.Helper()
	_, err := NewPlan[W]()
	var se *SchemaError
	if !errors.As(err, &se) || !strings.HasSuffix(se.Path, path) || !strings.Contains(se.Why, why) {
		t.Errorf("error %v, want one at %q that says %q", err, path, why)
	}
}

type nested struct{ T sim.Table[unit] }

func TestPlanErrors(t *testing.T) {
	schemaErr[int](t, "int", "struct")
	schemaErr[struct{ Names []string }](t, "Names", "plain values")
	schemaErr[struct{ P *int }](t, "P", "plain values")
	schemaErr[struct{ M map[int]int }](t, "M", "plain values")
	schemaErr[struct{ S string }](t, "S", "plain values")
	schemaErr[struct {
		S string `net:"server"`
	}](t, "S", "plain values")
	schemaErr[struct{ F float64 }](t, "F", "use float32")
	schemaErr[struct{ N int }](t, "N", "int32")
	schemaErr[struct {
		T sim.Table[struct{ In struct{ C chan int } }]
	}](t, "T.In.C", "plain values")
	schemaErr[struct{ T sim.Table[nested] }](t, "T.T", "part of a row")
	schemaErr[struct {
		T sim.Table[unit] `net:"server"`
	}](t, "T", "unknown key")
	schemaErr[struct {
		T *sim.Table[unit] `net:"predict=all"`
	}](t, "T", "without a pointer")
	schemaErr[struct {
		T sim.Table[struct {
			A uint8 `net:"rate=5"`
		}]
	}](t, "A", "for whole tables")
	schemaErr[struct {
		T sim.Table[unit] `net:"aoi=Nowhere:64"`
	}](t, "T", "no Nowhere")
	schemaErr[struct {
		T sim.Table[unit] `net:"aoi=Pos:0"`
	}](t, "T", "side of a cell")
	schemaErr[struct {
		T sim.Table[unit] `net:"rate=0"`
	}](t, "T", "1 to 240 Hz")
	schemaErr[struct {
		A uint8 `net:"owner"`
	}](t, "A", "no owner")
	schemaErr[struct {
		V [2]sim.Vec2 `net:"range=0:1"`
	}](t, "V[0].X", "need each other")
	schemaErr[struct {
		A uint8 `net:"bogus"`
	}](t, "A", "the keys are")
	schemaErr[struct {
		A uint8 `net:"lerp"`
	}](t, "A", "need a float32")
	schemaErr[struct {
		A float32 `net:"lerp,snap"`
	}](t, "A", "contradicts")
	schemaErr[struct {
		A int8 `net:"bits=3"`
	}](t, "A", "unsigned")
	schemaErr[struct {
		A int8 `net:"range=-200:3"`
	}](t, "A", "beyond what int8 holds")
	schemaErr[struct {
		A int64 `net:"range=0:5e9"`
	}](t, "A", "2^32 values")
	schemaErr[struct {
		A int16 `net:"range=0:2.5"`
	}](t, "A", "whole numbers")
	schemaErr[struct {
		A float32 `net:"range=0:1e6,step=1/1000"`
	}](t, "A", "too fine")
	schemaErr[struct {
		A float32 `net:"angle=30"`
	}](t, "A", "1 to 20")
	schemaErr[struct {
		A [4]float32 `net:"quat"`
	}](t, "A", "number of bits, as in quat=9, or a step")
	schemaErr[struct {
		A [4]float32 `net:"quat=9,step=0.01"`
	}](t, "A", "says the step already")
	schemaErr[struct {
		A [4]float32 `net:"quat,step=0.0003"`
	}](t, "A", "want 0.0003455 to 0.101")
	schemaErr[struct {
		A [4]float32 `net:"quat,step=0.2"`
	}](t, "A", "want 0.0003455 to 0.101")
	schemaErr[struct {
		A float32 `net:"quat,step=0.01"`
	}](t, "A", "needs a [4]float32")
	schemaErr[struct {
		A bool `net:"range=0:1"`
	}](t, "A", "needs a number")
	schemaErr[struct{ A [MaxLanes + 1]bool }](t, "A[2048]", "more than 2048 lanes")
}

func TestPlanTooManyTables(t *testing.T) {
	type w struct {
		T [MaxTables + 1]sim.Table[struct{ A bool }]
	}
	schemaErr[w](t, "T[64]", "at most 64 tables")
}

func TestInputsErrors(t *testing.T) {
	if _, err := NewInputs[struct {
		A float32 `net:"lerp"`
	}](); err == nil {
		t.Error("no error for lerp")
	}
	if _, err := NewInputs[struct {
		A float32 `net:"server"`
	}](); err == nil {
		t.Error("no error for server")
	}
	if _, err := NewInputs[struct {
		A uint8 `net:"owner"`
	}](); err == nil {
		t.Error("no error for owner")
	}
	if _, err := NewInputs[struct{ A [MaxInputLanes + 1]bool }](); err == nil {
		t.Error("no error for a huge input")
	}
	if _, err := NewInputs[struct{ T sim.Table[unit] }](); err == nil {
		t.Error("no error for a table")
	}
}

func TestTagNumbers(t *testing.T) {
	for _, text := range []string{
		"range=1", "range=2:1", "range=a:b", "range=0:1/0", "step=0", "step=-1", "step=", "bits=0", "bits=33",
		"bits=x", "quat=", "quat=x", "quat,step=0", "angle=", "const=1", "range=nan:1", "", "lerp,,smooth",
	} {
		if _, err := parseTag(text); err == nil {
			t.Errorf("tag %q: no error", text)
		}
	}
	got, err := parseTag("range=-1/2:3, step=1/64")
	if err != nil || got.lo != -0.5 || got.hi != 3 || got.step != 1.0/64 {
		t.Errorf("%+v, %v", got, err)
	}
}
