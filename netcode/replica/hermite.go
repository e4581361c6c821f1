package replica

import (
	"slices"

	"github.com/halftick/halftick/netcode/sim"
)

// curve is a lane that is blended on a curve, and the path of its velocity.
type curve struct {
	lane     int
	velocity string
}

// findVelocities gives the ops of fields tagged hermite the lanes of their velocities.
func (w *walker) findVelocities() error {
	for _, c := range w.curves {
		path := w.t.paths[c.lane]
		v := slices.Index(w.t.paths, c.velocity)
		switch o := &w.t.ops[c.lane]; {
		case o.kind != kindQuant && o.kind != kindFloat:
			return w.errorf(path, "hermite needs a float32 that is no angle and no rotation")
		case v < 0:
			return w.errorf(path, "hermite: there is no field %s that travels", join(w.root, c.velocity))
		case w.t.ops[v].kind != kindQuant && w.t.ops[v].kind != kindFloat:
			return w.errorf(path, "hermite: %s is no velocity: it needs a float32", join(w.root, c.velocity))
		}
		w.t.ops[c.lane].velocity = v + 1
	}
	return nil
}

// SetTickRate tells the plan how long a tick is, for fields tagged hermite, whose velocities are per second: until then they are
// blended in straight lines. It is to be called before the plan is shared.
func (p *Plan[W]) SetTickRate(hz int) {
	for i := range p.tables {
		p.tables[i].tickRate = hz
	}
}

// seconds returns the time from one tick to another; 0 when the plan does not know it.
func (t *table) seconds(from, to sim.Tick) float32 {
	if ticks := to.Sub(from); t.tickRate > 0 && ticks > 0 {
		return float32(ticks) / float32(t.tickRate)
	}
	return 0
}

// between returns the value of lane i at fraction f of the way from a to b, which take so many seconds.
func (t *table) between(i int, a, b []uint32, f, seconds float32) float32 {
	o := &t.ops[i]
	x, y := o.float(a[i]), o.float(b[i])
	if o.velocity == 0 || seconds == 0 {
		return o.blend(x, y, f)
	}
	v := &t.ops[o.velocity-1]
	from, to := v.float(a[o.velocity-1])*seconds, v.float(b[o.velocity-1])*seconds
	if far := y - x; float32(far*far) > 4*max(float32(from*from), float32(to*to)) {
		return o.blend(x, y, f) // no motion goes so far: it was put there
	}
	return o.limit(x, hermite(x, y, from, to, f))
}

// hermite returns the value at fraction f from x to y on the cubic that leaves x and reaches y at the given velocities, per way.
// Beyond y it goes on in a straight line.
func hermite(x, y, from, to, f float32) float32 {
	if f > 1 {
		return y + float32(to*(f-1))
	}
	g := 1 - f
	near := float32(g*g) * float32(float32((1+2*f)*x)+float32(f*from))
	far := float32(f*f) * float32(float32((3-2*f)*y)-float32(g*to))
	return float32(near) + float32(far)
}
