package replica

import (
	"fmt"
	"math"
	"reflect"

	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/wire"
)

// walker visits the fields of one row type and collects its plan.
type walker struct {
	root   string // of the paths in errors
	curves []curve
	found  func(path string, off uintptr, typ reflect.Type, tag string) error // called for a table; nil inside of rows
	t      table
}

var rowsType = reflect.TypeFor[sim.Rows]()

// table returns the plan of rows of type typ.
func (w *walker) table(typ reflect.Type) (table, error) {
	w.t, w.curves = table{size: typ.Size()}, nil
	if err := w.walk("", typ, 0, tag{}); err != nil {
		return table{}, err
	}
	return w.t, w.findVelocities()
}

func (w *walker) errorf(path, format string, args ...any) error {
	return &SchemaError{join(w.root, path), fmt.Sprintf(format, args...)}
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "." + b
}

// walk visits a field of type typ. The tag is its own or, without one, that of what encloses it.
func (w *walker) walk(path string, typ reflect.Type, off uintptr, tg tag) error {
	switch own, err := isCustom(typ); {
	case reflect.PointerTo(typ).Implements(rowsType):
		return w.walkTable(path, typ, off, tg)
	case tg.server:
		return w.server(path, typ, off, tg)
	case err != nil:
		return w.errorf(path, "%v", err)
	case own:
		return w.custom(path, typ, off, tg)
	case tg.quat != 0 && quaternion(typ):
		return w.leaf(path, typ, off, tg)
	case typ.Kind() == reflect.Struct:
		return w.walkStruct(path, typ, off, tg)
	case typ.Kind() == reflect.Array:
		return w.walkArray(path, typ, off, tg)
	}
	return w.leaf(path, typ, off, tg)
}

func (w *walker) walkTable(path string, typ reflect.Type, off uintptr, tg tag) error {
	if w.found == nil {
		return w.errorf(path, "a table cannot be part of a row: put it into the world")
	}
	return w.found(path, off, typ, tg.text)
}

func (w *walker) walkStruct(path string, typ reflect.Type, off uintptr, tg tag) error {
	for i := range typ.NumField() {
		f := typ.Field(i)
		if f.Name == "_" {
			continue
		}
		at, own := join(path, f.Name), tg
		if text, ok := f.Tag.Lookup("net"); ok {
			var err error
			if own, err = parseFieldTag(text, f.Type); err != nil {
				return w.errorf(at, "%v", err)
			}
			own.of = at
			if own.hermite != "" {
				own.hermite = join(path, own.hermite)
			}
		}
		if err := w.walk(at, f.Type, off+f.Offset, own); err != nil {
			return err
		}
	}
	return nil
}

// parseFieldTag reads the tag of a field. That of a table, or of an array of tables, is left to addTable.
func parseFieldTag(text string, typ reflect.Type) (tag, error) {
	for typ.Kind() == reflect.Array {
		typ = typ.Elem()
	}
	if reflect.PointerTo(typ).Implements(rowsType) {
		return tag{text: text}, nil
	}
	return parseTag(text)
}

func (w *walker) walkArray(path string, typ reflect.Type, off uintptr, tg tag) error {
	size := typ.Elem().Size()
	for i := range typ.Len() {
		if err := w.walk(fmt.Sprintf("%s[%d]", path, i), typ.Elem(), off+uintptr(i)*size, tg); err != nil {
			return err
		}
	}
	return nil
}

// server adds a field that does not travel.
func (w *walker) server(path string, typ reflect.Type, off uintptr, tg tag) error {
	if !plain(typ) {
		return w.errorf(path, notPlain, typ)
	}
	w.t.spans = addSpan(w.t.spans, off, typ.Size())
	w.t.hidden = addSpan(w.t.hidden, off, typ.Size())
	w.t.bools = addBools(w.t.bools, off, typ)
	w.t.about = append(w.t.about, fmt.Sprintf("  %s: stays\n", aboutField(path, typ, &tg)))
	return nil
}

// addBools appends the places of the bools in a plain type.
func addBools(at []uintptr, off uintptr, typ reflect.Type) []uintptr {
	switch typ.Kind() {
	case reflect.Bool:
		return append(at, off)
	case reflect.Array:
		for i := range typ.Len() {
			at = addBools(at, off+uintptr(i)*typ.Elem().Size(), typ.Elem())
		}
	case reflect.Struct:
		for i := range typ.NumField() {
			at = addBools(at, off+typ.Field(i).Offset, typ.Field(i).Type)
		}
	}
	return at
}

const notPlain = "%s has no place in a world: worlds are plain values (sim.Table, bool, sized integers, float32, structs and arrays of them)"

// plain reports whether values of a type are all there is to them: no pointers of any kind.
func plain(typ reflect.Type) bool {
	switch k := typ.Kind(); k {
	case reflect.Array:
		return plain(typ.Elem())
	case reflect.Struct:
		for i := range typ.NumField() {
			if !plain(typ.Field(i).Type) {
				return false
			}
		}
		return true
	default:
		return k >= reflect.Bool && k <= reflect.Complex128 && k != reflect.Uintptr
	}
}

// quaternion reports whether typ can hold a rotation: x, y, z, w.
func quaternion(typ reflect.Type) bool {
	return typ.Kind() == reflect.Array && typ.Len() == quatLanes && typ.Elem().Kind() == reflect.Float32
}

// leaf adds a scalar field, or a rotation.
func (w *walker) leaf(path string, typ reflect.Type, off uintptr, tg tag) error {
	o := op{off: off, constant: tg.constant, owner: tg.owner, lerp: tg.lerp, smooth: tg.smooth}
	tops, err := o.plan(typ, &tg)
	if err != nil {
		return w.errorf(path, "%v", err)
	}
	if len(w.t.ops)+len(tops) > MaxLanes {
		return w.errorf(path, "more than %d lanes in a row", MaxLanes)
	}
	w.t.spans = addSpan(w.t.spans, off, typ.Size())
	for i, top := range tops {
		if i > 0 { // kindLow is followed by kindHigh, kindQuat by kindQuatPart
			o.part = uint8(i)
			if i == 1 {
				o.kind++
			}
		}
		o.setTop(top)
		if tg.hermite != "" {
			w.curves = append(w.curves, curve{len(w.t.ops), tg.hermite + path[len(tg.of):]})
		}
		w.t.add(o, path, fmt.Sprintf("  %s: %d bits\n", aboutField(path, typ, &tg), o.width))
	}
	return nil
}

// aboutField describes a field such as "Born uint32 (Tick) const". It names types without their package,
// so that a game may be package main here and something else there.
func aboutField(path string, typ reflect.Type, tg *tag) string {
	s := path + " " + typ.Kind().String()
	if n := typ.Name(); n != "" && n != typ.Kind().String() {
		s += " (" + n + ")"
	}
	if typ.Kind() == reflect.Array {
		s += fmt.Sprintf(" [%d]%s", typ.Len(), typ.Elem().Kind())
	}
	if tg.text != "" {
		s += " " + tg.text
	}
	return s
}

func (t *table) add(o op, path, about string) {
	if o.kind == kindQuat {
		t.quats = append(t.quats, len(t.ops))
	}
	t.bits += int(o.width)
	if o.smooth {
		t.smooth = append(t.smooth, len(t.ops))
	}
	if o.owner {
		t.private = append(t.private, len(t.ops))
	}
	if o.constant {
		t.full = append(t.full, len(t.ops))
	}
	t.ops, t.paths, t.about = append(t.ops, o), append(t.paths, path), append(t.about, about)
}

// addSpan appends a piece of memory, joined to the last one where they touch.
func addSpan(s []span, off, size uintptr) []span {
	if n := len(s); n > 0 && s[n-1].off+s[n-1].size == off {
		s[n-1].size += size
		return s
	}
	return append(s, span{off, size})
}

// plan sets the kind and the values of an op and returns the highest value of each of its lanes.
func (o *op) plan(typ reflect.Type, tg *tag) (tops []uint32, err error) {
	if err := tg.misfit(typ); err != nil {
		return nil, err
	}
	switch typ.Kind() {
	case reflect.Array:
		return o.planQuat(tg)
	case reflect.Bool:
		o.kind = kindBool
		return []uint32{1}, nil
	case reflect.Float32:
		return o.planFloat(tg)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return o.planInt(typ, tg)
	case reflect.Float64:
		return nil, fmt.Errorf("float64 does not travel: use float32, or tag it server")
	default:
		return nil, fmt.Errorf(notPlain, typ)
	}
}

// misfit reports a tag that does not fit a field of type typ.
func (tg *tag) misfit(typ reflect.Type) error {
	k := typ.Kind()
	float, unsigned, number := k == reflect.Float32, k >= reflect.Uint && k <= reflect.Uint64, k != reflect.Bool
	if tg.quat != 0 {
		return tg.misfitQuat(typ)
	}
	switch {
	case tg.angle != 0 && !float:
		return fmt.Errorf("angle needs a float32, not %s", typ)
	case tg.step != 0 && !float:
		return fmt.Errorf("step needs a float32, not %s", typ)
	case (tg.lerp || tg.smooth) && !float:
		return fmt.Errorf("lerp and smooth need a float32, not %s", typ)
	case tg.width != 0 && !unsigned:
		return fmt.Errorf("bits needs an unsigned integer, not %s", typ)
	case tg.hasRange && !number:
		return fmt.Errorf("range needs a number, not %s", typ)
	}
	return nil
}

func (tg *tag) misfitQuat(typ reflect.Type) error {
	switch {
	case !quaternion(typ):
		return fmt.Errorf("quat needs a [4]float32 (x, y, z, w), not %s", typ)
	case tg.hasRange || tg.width != 0 || tg.angle != 0:
		return fmt.Errorf("quat contradicts range, bits and angle")
	case tg.quat == quatByStep && tg.step == 0:
		return fmt.Errorf("quat needs a number of bits, as in quat=9, or a step, as in quat,step=0.001")
	case tg.quat != quatByStep && tg.step != 0:
		return fmt.Errorf("quat=%d says the step already: want quat=%[1]d or quat,step=%v", tg.quat, tg.step)
	case tg.smooth:
		return fmt.Errorf("smooth needs a float32, not a rotation")
	}
	return nil
}

func (o *op) planQuat(tg *tag) (tops []uint32, err error) {
	o.kind, o.clamps = kindQuat, true
	if tg.quat == quatByStep {
		o.quat, err = wire.NewQuatStep(tg.step)
	} else {
		o.quat, err = wire.NewQuat(tg.quat)
	}
	if err != nil {
		return nil, err
	}
	return []uint32{quatLanes - 1, o.quat.Top, o.quat.Top, o.quat.Top}, nil
}

func (o *op) planFloat(tg *tag) (tops []uint32, err error) {
	o.clamps = true
	switch {
	case tg.angle != 0 && (tg.hasRange || tg.step != 0):
		return nil, fmt.Errorf("angle contradicts range and step")
	case tg.angle != 0:
		o.kind = kindAngle
		if o.angle, err = wire.NewAngle(tg.angle); err != nil {
			return nil, err
		}
		return []uint32{1<<o.angle.Bits - 1}, nil
	case tg.hasRange && tg.step != 0:
		o.kind = kindQuant
		if o.quant, err = wire.NewQuant(float32(tg.lo), float32(tg.hi), float32(tg.step)); err != nil {
			return nil, err
		}
		return []uint32{o.quant.Top}, nil
	case tg.hasRange || tg.step != 0:
		return nil, fmt.Errorf("range and step of a float32 need each other")
	}
	o.kind = kindFloat
	return []uint32{math.MaxUint32}, nil
}

// intKind returns the op kind and the bounds of an integer type. int and uint are 32 bits wide on some
// machines and 64 on others, so their values have to fit 32.
func intKind(typ reflect.Type) (k kind, lo, hi float64) {
	bits := min(typ.Bits(), 64)
	size := 0
	for 8<<size < bits {
		size++
	}
	if typ.Kind() == reflect.Int || typ.Kind() == reflect.Uint {
		bits = 32
	}
	if typ.Kind() >= reflect.Uint {
		return kindUint8 + kind(size), 0, math.Ldexp(1, bits) - 1
	}
	return kindInt8 + kind(size), -math.Ldexp(1, bits-1), math.Ldexp(1, bits-1) - 1
}

func (o *op) planInt(typ reflect.Type, tg *tag) (tops []uint32, err error) {
	k, lo, hi := intKind(typ)
	o.kind = k
	switch {
	case tg.width != 0 && tg.hasRange:
		return nil, fmt.Errorf("bits contradicts range")
	case tg.width != 0:
		tg.lo, tg.hi = 0, math.Ldexp(1, tg.width)-1
	case tg.hasRange:
	case typ.Kind() == reflect.Int || typ.Kind() == reflect.Uint:
		return nil, fmt.Errorf("%s has no size that is equal on all machines: use %[1]s32, or give it a range", typ.Kind())
	case typ.Bits() == 64:
		o.kind = kindLow
		return []uint32{math.MaxUint32, math.MaxUint32}, nil
	default:
		tg.lo, tg.hi = lo, hi
	}
	switch {
	case tg.lo != math.Trunc(tg.lo) || tg.hi != math.Trunc(tg.hi):
		return nil, fmt.Errorf("range %v:%v of an integer: want whole numbers", tg.lo, tg.hi)
	case tg.lo < lo || tg.hi > hi || math.Abs(tg.lo) > 1<<53 || tg.hi > 1<<53:
		return nil, fmt.Errorf("%v:%v goes beyond what %s holds", tg.lo, tg.hi, typ)
	case tg.hi-tg.lo > math.MaxUint32:
		return nil, fmt.Errorf("%v:%v has more than 2^32 values", tg.lo, tg.hi)
	}
	o.lo, o.hi, o.clamps = int64(tg.lo), int64(tg.hi), tg.width != 0 || tg.hasRange
	return []uint32{uint32(o.hi - o.lo)}, nil
}
