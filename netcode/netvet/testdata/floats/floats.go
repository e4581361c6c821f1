// Package floats holds a game whose sums a CPU may fuse with products.
package floats

import "github.com/halftick/halftick/netcode/sim"

type body struct{ X, Y, Vx float32 }

type world struct {
	A, B, C, D, E, F, G, H, I, J, K, L, M float32
	Body                                  body
	N                                     int32
}

type input struct{}

func step(c *sim.Ctx[world, input], w *world) {
	w.A = w.B*w.C + w.D // want `Step > step: a product is added without being rounded \(w.B \* w.C\): some CPUs round once where others round twice: write float32\(x\*y\) \+ z`
	w.B = w.D - w.B*w.C // want `without being rounded`
	w.C += w.B * w.D    // want `without being rounded`
	t := w.D * w.E
	w.D = t + w.A // want `without being rounded \(t\)`
	w.Body.Vx = w.E * w.F
	w.E = w.Body.Vx + w.A        // want `without being rounded`
	w.F = scaled(w.F, w.G) + w.A // want `without being rounded`
	w.G = add(w.G*w.H, w.A)      // want `is added by add without being rounded \(w.G \* w.H\)`
	w.H = move(at(w.H*w.I, 1)).X // want `is added by move without being rounded`
	w.I = -(w.I * w.J) + w.A     // want `without being rounded`
	w.J = float32(w.J*w.K) + w.A // rounded
	w.K = exactly(w)
	w.L = (w.L+w.A)*w.B - w.C/w.D // want `without being rounded`
	w.M = max(w.M*w.A, w.B) + w.C // max is in between
	w.N = w.N*3 + 1               // integers
	w.A = sum(w.A, w.B)
	w.B = sim.V(w.A, w.B).Mul(200 * c.DT).Add(sim.V(1, 2)).X // Mul rounds
	w.C = sim.V(1, 2).Add(sim.V(w.A*w.B, 1)).X               // want `is added by sim.V\(1, 2\).Add without being rounded`
	w.D = w.A * w.B * w.C
}

// Powers of two are exact: fused or not, the sum is the same.
func exactly(w *world) float32 { return w.K*2 + w.A - w.B*0.25 }

func scaled(x, k float32) float32 { return x * k }

func add(a, b float32) float32 { return a + b }

func at(x, y float32) body { return body{X: x, Y: y} }

func move(b body) body { return body{X: b.X + 1, Y: b.Y} }

func sum[T float32 | float64](a, b T) T {
	return a*b + a // want `Step > step > sum: a product is added`
}

var game = sim.Game[world, input]{Name: "floats", Step: step}
