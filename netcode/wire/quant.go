package wire

import (
	"fmt"
	"math"
	"math/bits"
)

// Quant is a grid of evenly spaced float32 values, each of which has an integer, its lane:
// lane l stands for Min + l*Step. The zero Quant has the one value 0. It is a plain value, safe to share.
type Quant struct {
	Min, Max, Step float32
	Top            uint32 // the highest lane
	Bits           uint   // width of a lane: enough for Top

	min, step, inv, top float64
}

// NewQuant returns the grid from min to max in steps of step. When max is not a whole number of steps
// away from min, the highest value is the last step below max. It is an error when the bounds are not
// finite, min is not below max, step is not positive, or step is so fine that float32 cannot tell
// neighbouring values of the grid apart (less than two units in the last place of the larger bound).
func NewQuant(min, max, step float32) (Quant, error) {
	big := math.Max(math.Abs(float64(min)), math.Abs(float64(max)))
	switch {
	case !(min < max) || math.IsInf(big, 0):
		return Quant{}, fmt.Errorf("wire: range %v:%v: want two finite bounds, the lower one first", min, max)
	case !(step > 0) || float64(step) > float64(max)-float64(min):
		return Quant{}, fmt.Errorf("wire: step %v: want more than 0 and at most the range %v:%v", step, min, max)
	}
	ulp := float64(math.Nextafter32(float32(big), math.MaxFloat32)) - float64(float32(big))
	if float64(step) < 2*ulp {
		return Quant{}, fmt.Errorf("wire: step %v is too fine for a float32 near %v: want %v or more", step, big, float32(2*ulp))
	}
	top := steps((float64(max) - float64(min)) / float64(step))
	return Quant{
		Min: min, Max: max, Step: step, Top: top, Bits: uint(bits.Len32(top)),
		min: float64(min), step: float64(step), inv: 1 / float64(step), top: float64(top),
	}, nil
}

// steps rounds a ratio down, forgiving that a decimal step such as 0.1 has no exact float32.
func steps(ratio float64) uint32 {
	near := math.Round(ratio)
	if math.Abs(ratio-near) <= math.Min(0.25, ratio*0x1p-22) {
		return uint32(near)
	}
	return uint32(ratio)
}

// Lane returns the lane nearest to f. Values outside the range, infinities too, get its nearest end;
// NaN gets the lane nearest to 0.
func (q *Quant) Lane(f float32) uint32 {
	x := float64((float64(f)-q.min)*q.inv) + 0.5
	if x >= 0 && x < q.top {
		return uint32(int64(x))
	}
	return q.edge(f)
}

// edge returns the lane of a value at the ends of the range, beyond them, or of NaN.
func (q *Quant) edge(f float32) uint32 {
	switch x := float64(f) - q.min; {
	case f != f:
		f = min(max(0, q.Min), q.Max)
		return uint32(min(float64((float64(f)-q.min)*q.inv)+0.5, q.top))
	case x >= float64(q.step*0.5):
		return q.Top
	}
	return 0
}

// Value returns the float that lane l stands for; lanes above Top count as Top. Lane(Value(l)) is l.
func (q *Quant) Value(l uint32) float32 {
	f := float32(q.min + float64(float64(min(l, q.Top))*q.step))
	if f > q.Max { // min() would take care of NaN, which cannot be here, and be slower
		return q.Max
	}
	return f
}
