package replica

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
	"unsafe"

	"github.com/halftick/halftick/netcode/sim"
)

// custom is a field, or a whole row, that says itself how it travels: see sim.Custom.
type custom struct {
	typ      reflect.Type
	off      uintptr // in the row
	first, n int     // lanes
}

var customType = reflect.TypeFor[sim.Custom]()

const customMethods = "NetLanes() []uint8, NetEncode(lanes []uint32) and NetDecode(lanes []uint32)"

// isCustom reports whether a type says itself how it travels. The error is about one that only seems to.
func isCustom(typ reflect.Type) (bool, error) {
	p := reflect.PointerTo(typ)
	if !p.Implements(customType) {
		_, lanes := p.MethodByName("NetLanes")
		_, encode := p.MethodByName("NetEncode")
		_, decode := p.MethodByName("NetDecode")
		if lanes || encode || decode {
			return false, fmt.Errorf("%s is no sim.Custom: *%[1]s needs the methods %s", typ, customMethods)
		}
		return false, nil
	}
	if typ.Kind() == reflect.Struct {
		for i := range typ.NumField() {
			if f := typ.Field(i); f.Anonymous && reflect.PointerTo(f.Type).Implements(customType) {
				return false, fmt.Errorf("%s embeds %s and so takes its methods, which know nothing of the other fields: give the field a name", typ, f.Type)
			}
		}
	}
	if !plain(typ) {
		return false, fmt.Errorf("a sim.Custom is a plain value (no pointers, tables, slices, strings), and %s is not", typ)
	}
	return true, nil
}

// custom adds a field that says itself how it travels.
func (w *walker) custom(path string, typ reflect.Type, off uintptr, tg tag) error {
	v := reflect.New(typ)
	c := v.Interface().(sim.Custom)
	widths := c.NetLanes()
	if err := misfitCustom(typ, widths, &tg); err != nil {
		return w.errorf(path, "%v", err)
	}
	if len(w.t.ops)+len(widths) > MaxLanes {
		return w.errorf(path, "more than %d lanes in a row", MaxLanes)
	}
	w.t.spans = addSpan(w.t.spans, off, typ.Size())
	zero := make([]uint32, len(widths))
	c.NetEncode(zero)
	w.t.customs = append(w.t.customs, custom{typ, off, len(w.t.ops), len(widths)})
	path = cmp.Or(path, "row") // the whole of it
	about := fmt.Sprintf("  %s lanes %s: %d bits\n", aboutField(path, typ, &tg), listed(widths), total(widths))
	for i, width := range widths {
		o := op{off: off, kind: kindCustom, constant: tg.constant, owner: tg.owner}
		o.setTop(uint32(1<<width - 1))
		o.zero = min(zero[i], o.top)
		w.t.add(o, fmt.Sprintf("%s lane %d", path, i), about)
		about = ""
	}
	return nil
}

func listed(widths []uint8) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(widths), " ", ","), "[]")
}

func total(widths []uint8) (n int) {
	for _, w := range widths {
		n += int(w)
	}
	return n
}

func misfitCustom(typ reflect.Type, widths []uint8, tg *tag) error {
	if len(widths) == 0 {
		return fmt.Errorf("NetLanes of %s has no lanes: tag it server when it does not travel", typ)
	}
	for i, width := range widths {
		if width < 1 || width > 32 {
			return fmt.Errorf("NetLanes of %s: lane %d has %d bits: want 1 to 32", typ, i, width)
		}
	}
	if tg.hasRange || tg.step != 0 || tg.width != 0 || tg.angle != 0 || tg.quat != 0 || tg.lerp || tg.smooth {
		return fmt.Errorf("tag `net:%q`: %s says itself how it travels: only const, owner, server and snap make sense", tg.text, typ)
	}
	return nil
}

// of returns the value in a row.
func (c *custom) of(row unsafe.Pointer) sim.Custom {
	return reflect.NewAt(c.typ, unsafe.Add(row, c.off)).Interface().(sim.Custom)
}

// capture fills the lanes of a value in a row and snaps it to them.
func (c *custom) capture(t *table, lanes []uint32, row unsafe.Pointer) {
	v, own := c.of(row), lanes[c.first:][:c.n:c.n]
	clear(own)
	v.NetEncode(own)
	for i := range own {
		own[i] = min(own[i], t.ops[c.first+i].top)
	}
	c.store(lanes, row)
}

// store makes a value what its lanes say.
func (c *custom) store(lanes []uint32, row unsafe.Pointer) {
	clear(unsafe.Slice((*byte)(unsafe.Add(row, c.off)), c.typ.Size()))
	c.of(row).NetDecode(lanes[c.first:][:c.n:c.n])
}
