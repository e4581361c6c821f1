package replica

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/halftick/halftick/netcode/sim"
)

// area says where the rows of a table are, for those who may know only what is near them.
type area struct {
	x, y int     // lanes
	side float32 // of a cell; 0: there is no area
}

// tableTag is the `net` tag of a table: who gets its rows, how often, and who computes them ahead of the server.
type tableTag struct {
	text string
	pos  string  // path of the position in a row
	side float32 // of a cell
	rate int     // Hz; 0: every snapshot

	predict policy
}

const knownTableTags = "aoi=Pos:cell, rate=n and predict=owned|all|none"

func parseTableTag(text string) (tableTag, error) {
	t := tableTag{text: text}
	for _, item := range strings.Split(text, ",") {
		key, val, _ := strings.Cut(strings.TrimSpace(item), "=")
		var err error
		switch key {
		case "aoi":
			err = t.setArea(val)
		case "rate":
			t.rate, err = strconv.Atoi(val)
			if err != nil || t.rate < 1 || t.rate > sim.MaxTickRate {
				err = fmt.Errorf("rate %q: want 1 to %d Hz", val, sim.MaxTickRate)
			}
		case "predict":
			known := false
			if t.predict, known = policies[val]; !known {
				err = fmt.Errorf("predict %q: want owned, all or none", val)
			}
		default:
			err = fmt.Errorf("unknown key %q: a table's keys are %s; other tags go to the fields of its rows", key, knownTableTags)
		}
		if err != nil {
			return t, fmt.Errorf("tag `net:%q`: %w", text, err)
		}
	}
	return t, nil
}

func (t *tableTag) setArea(val string) error {
	pos, cell, ok := strings.Cut(val, ":")
	side, err := parseNumber(cell)
	if !ok || pos == "" || err != nil || !(side > 0) {
		return fmt.Errorf("aoi %q: want a position and the side of a cell, as in aoi=Pos:64", val)
	}
	t.pos, t.side = pos, float32(side)
	return nil
}

// apply makes the tag hold for a table.
func (tt *tableTag) apply(t *table) error {
	t.rate, t.predict = tt.rate, tt.predict
	if tt.text != "" {
		t.about = append([]string{"  tag " + tt.text + "\n"}, t.about...)
	}
	if tt.side == 0 {
		return nil
	}
	a := area{side: tt.side, x: t.float(tt.pos + ".X"), y: t.float(tt.pos + ".Y")}
	if a.x < 0 || a.y < 0 {
		return fmt.Errorf("tag `net:%q`: the rows have no %s with float32 fields X and Y that travel", tt.text, tt.pos)
	}
	t.area = a
	return nil
}

// float returns the lane of a float32 field, or -1.
func (t *table) float(path string) int {
	for i, p := range t.paths {
		if k := t.ops[i].kind; p == path && (k == kindQuant || k == kindFloat) {
			return i
		}
	}
	return -1
}
