package replica

import (
	"fmt"
	"strconv"
	"strings"
)

// tag is a parsed `net` tag. The zero tag is that of a field without one.
type tag struct {
	text string // as written, for messages and the schema hash

	lo, hi float64 // range
	step   float64 // 0: none
	width  int     // bits
	angle  int     // bits of an angle
	quat   int     // bits of a rotation's components; quatByStep: step says how fine they are

	hermite string // the field beside this one that holds its velocity
	of      string // path of the field that has the tag

	hasRange, constant, server, owner, lerp, smooth, snap bool
}

const knownTags = "range=a:b, step=s, bits=n, angle=n, quat=n, quat with step=s, const, server, owner, lerp, hermite=Field, smooth and snap"

// quatByStep is quat without a number of bits.
const quatByStep = -1

// parseTag reads the text of a `net` tag.
func parseTag(text string) (tag, error) {
	t := tag{text: text}
	for _, item := range strings.Split(text, ",") {
		key, val, valued := strings.Cut(strings.TrimSpace(item), "=")
		if err := t.set(key, val, valued); err != nil {
			return t, fmt.Errorf("tag `net:%q`: %w", text, err)
		}
	}
	if t.snap && (t.lerp || t.smooth) {
		return t, fmt.Errorf("tag `net:%q`: snap contradicts lerp and smooth", text)
	}
	return t, nil
}

func (t *tag) set(key, val string, valued bool) (err error) {
	if flag := t.flag(key); flag != nil {
		if valued {
			return fmt.Errorf("%s takes no value", key)
		}
		*flag = true
		return nil
	}
	switch key {
	case "range":
		t.hasRange = true
		t.lo, t.hi, err = parseRange(val)
	case "step":
		t.step, err = parseNumber(val)
		if err == nil && !(t.step > 0) {
			err = fmt.Errorf("step %s: want more than 0", val)
		}
	case "bits":
		t.width, err = parseWidth(val)
	case "angle":
		t.angle, err = parseWidth(val)
	case "hermite":
		if t.hermite = val; val == "" {
			err = fmt.Errorf("hermite needs the name of the field that holds the velocity, as in hermite=Vel")
		}
		t.lerp = true
	case "quat":
		if t.quat = quatByStep; valued {
			t.quat, err = parseWidth(val)
		}
	case "aoi", "rate", "predict":
		err = fmt.Errorf("%s is for whole tables: for a field of the world whose type is a sim.Table, without a pointer", key)
	default:
		err = fmt.Errorf("unknown key %q: the keys are %s", key, knownTags)
	}
	return err
}

func (t *tag) flag(key string) *bool {
	switch key {
	case "const":
		return &t.constant
	case "server":
		return &t.server
	case "owner":
		return &t.owner
	case "lerp":
		return &t.lerp
	case "smooth":
		return &t.smooth
	case "snap":
		return &t.snap
	}
	return nil
}

func parseRange(s string) (lo, hi float64, err error) {
	a, b, ok := strings.Cut(s, ":")
	if !ok {
		return 0, 0, fmt.Errorf("range %q: want two numbers as in range=-512:512", s)
	}
	if lo, err = parseNumber(a); err == nil {
		hi, err = parseNumber(b)
	}
	if err == nil && !(lo < hi) {
		err = fmt.Errorf("range %q: want the lower bound first", s)
	}
	return lo, hi, err
}

// parseNumber reads a number such as 0.25 or 1/4.
func parseNumber(s string) (float64, error) {
	num, den, fraction := strings.Cut(s, "/")
	n, err := strconv.ParseFloat(num, 64)
	d := 1.0
	if err == nil && fraction {
		d, err = strconv.ParseFloat(den, 64)
	}
	if v := n / d; err == nil && v-v == 0 {
		return v, nil
	}
	return 0, fmt.Errorf("%q is no finite number such as 0.25 or 1/4", s)
}

func parseWidth(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 32 {
		return 0, fmt.Errorf("%q is no number of bits: want 1 to 32", s)
	}
	return n, nil
}
