package replica

import (
	"fmt"
	"hash/fnv"
	"reflect"
	"strings"

	"github.com/halftick/halftick/netcode/sim"
)

// Plan is how worlds of type W travel: their tables, and the lanes of each row. It is read-only and safe
// for concurrent use. Make one with NewPlan.
type Plan[W any] struct{ schema }

// NewPlan reads the fields and tags of W, a struct of sim.Tables, scalars and structs and arrays of
// them. A *SchemaError names the first field that cannot travel.
func NewPlan[W any]() (*Plan[W], error) {
	s, err := newSchema(reflect.TypeFor[W]())
	if err != nil {
		return nil, err
	}
	return &Plan[W]{*s}, nil
}

// schema is the part of a Plan that does not depend on W's static type.
type schema struct {
	tables []table // [0] is the globals: W itself, as a table of one row
	about  string
	hash   uint64
	empty  *Snapshot // what a nil baseline means
	trits  *tritCodes
	zeros  []uint32 // as long as the longest row: what a slot beyond the end of a table holds
}

// table is the plan of one table's rows.
type table struct {
	name    string
	off     uintptr      // of the sim.Table in W
	typ     reflect.Type // sim.Table[T]; nil for the globals
	size    uintptr      // of a row in bytes
	ops     []op
	paths   []string  // of the field of each op
	about   []string  // a line for people per lane and server field
	spans   []span    // every field
	hidden  []span    // the server fields among them
	bools   []uintptr // the bools in server fields
	smooth  []int     // ops offered to Smooth
	private []int     // ops that only the owner of a row gets; for all others they are zero
	area    area
	rate    int // Hz at which rows are refreshed; 0: with every snapshot
	predict policy
	bits    int   // the widths of all lanes
	quats   []int // the first lanes of rotations
	customs []custom
	full    []int // ops whose change makes Encode send the whole row: the const ones

	tickRate int // in Hz; 0: not known

	// What the codec needs to know of each lane.
	shift   []uint8  // 32 less its width
	moves   []uint32 // all ones: motion goes on in it; 0: it is expected to stay as it is
	moving  []uint32 // the same by group, a bit each
	turning []uint32 // by group, a bit each: it is of a rotation, and not its largest component
	vectors []vector // lanes that are in motion together
	partly  []int    // lanes that have more values than mean something
	nothing []uint32 // the row that both ends know without having been told: zeros, or the zero globals
}

// span is a piece of a row's memory.
type span struct{ off, size uintptr }

func (t *table) global() bool { return t.typ == nil }

// stride is the length of a row in a snapshot: its meta and its lanes.
func (t *table) stride() int { return 1 + len(t.ops) }

func newSchema(w reflect.Type) (*schema, error) {
	name := w.Name()
	if w.Kind() != reflect.Struct {
		return nil, &SchemaError{w.String(), "a world is a struct"}
	}
	s := &schema{tables: []table{{name: "globals"}}, trits: newTritCodes()}
	wk := walker{root: name, found: func(path string, off uintptr, typ reflect.Type, tag string) error {
		return s.addTable(name, path, off, typ, tag)
	}}
	globals, err := wk.table(w)
	if err != nil {
		return nil, err
	}
	if len(globals.private) > 0 {
		return nil, wk.errorf(globals.paths[globals.private[0]], "the globals have no owner")
	}
	globals.name, globals.full = "globals", nil // the globals are never spawned
	s.tables[0] = globals
	s.about = describe(s.tables)
	s.hash = hashText(s.about)
	s.empty = s.NewSnapshot()
	for i := range s.tables {
		s.zeros = make([]uint32, max(len(s.zeros), s.tables[i].stride()))
		s.tables[i].prepare()
	}
	s.tables[0].nothing = s.empty.tables[0].row(0)
	return s, nil
}

// addTable plans the rows of the sim.Table of type typ at W's field path.
func (s *schema) addTable(world, path string, off uintptr, typ reflect.Type, tag string) error {
	if len(s.tables) > MaxTables {
		return &SchemaError{world + "." + path, fmt.Sprintf("a world has at most %d tables", MaxTables)}
	}
	row := reflect.New(typ).Interface().(sim.Rows).RowType()
	wk := walker{root: world + "." + path}
	t, err := wk.table(row)
	if err != nil {
		return err
	}
	t.name, t.off, t.typ = path, off, typ
	if tag != "" {
		tt, err := parseTableTag(tag)
		if err == nil {
			err = tt.apply(&t)
		}
		if err != nil {
			return wk.errorf("", "%v", err)
		}
	}
	s.tables = append(s.tables, t)
	return nil
}

// prepare collects what the codec needs to know of each lane.
func (t *table) prepare() {
	t.nothing = make([]uint32, t.stride())
	for i := range t.ops {
		o := &t.ops[i]
		t.shift = append(t.shift, 32-o.width)
		if i%groupLanes == 0 {
			t.moving, t.turning = append(t.moving, 0), append(t.turning, 0)
		}
		var moves uint32
		if o.moves() {
			moves = ^uint32(0)
		}
		t.moves = append(t.moves, moves)
		t.moving[i/groupLanes] |= moves & 1 << (i % groupLanes)
		if o.kind == kindQuatPart {
			t.turning[i/groupLanes] |= 1 << (i % groupLanes)
		}
		if o.kind == kindFloat || o.top != o.mask {
			t.partly = append(t.partly, i)
		}
	}
	t.findVectors()
}

// Hash returns the schema hash: it differs when a table or field was renamed, moved, retagged or
// changed its type. Client and server must have the same.
func (s *schema) Hash() uint64 { return s.hash }

// Describe returns the schema for people: a line per table and per lane.
func (s *schema) Describe() string { return fmt.Sprintf("schema %016x\n%s", s.hash, s.about) }

// Tables returns the names of the world's tables in the order in which they travel; "globals" comes first.
func (s *schema) Tables() []string {
	var names []string
	for i := range s.tables {
		names = append(names, s.tables[i].name)
	}
	return names
}

func describe(tables []table) string {
	var b strings.Builder
	for i := range tables {
		t := &tables[i]
		fmt.Fprintf(&b, "%s: %d lanes\n%s", t.name, len(t.ops), strings.Join(t.about, ""))
	}
	return b.String()
}

// hashText hashes a description together with the version of the format.
func hashText(about string) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "halftick replica %d\n%s", formatVersion, about)
	return h.Sum64()
}
