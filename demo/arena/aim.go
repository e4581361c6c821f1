package arena

import (
	"math"

	"github.com/halftick/halftick/netcode/sim"
)

// AimSteps is the number of directions a player can aim in: Input.Aim travels in 12 bits.
const AimSteps = 4096

// directions holds the unit vector of each aim step. It is never changed. The last bits of math.Sincos
// may differ between CPUs; rounded to 1/65536, far coarser than that, the table is the same everywhere.
var directions = func() (d [AimSteps]sim.Vec2) {
	for i := range d {
		s, c := math.Sincos(float64(i) * (2 * math.Pi / AimSteps)) //netvet:ok rounded to a grid far coarser than its last bits
		d[i] = sim.V(grid(c), grid(s))
	}
	return d
}()

func grid(x float64) float32 { return float32(math.Round(x*65536) / 65536) }

// Dir returns the unit vector of an angle, of the nearest aim step. An angle that is not a number, or
// so large that it means nothing, counts as 0.
func Dir(angle float32) sim.Vec2 { return directions[aimStep(angle)] }

// aimStep returns the nearest aim step, 0 to AimSteps-1. Converting a float beyond the integers would
// differ between CPUs, hence the bound.
func aimStep(angle float32) int {
	if !saneAngle(angle) {
		return 0
	}
	steps := float64(angle) * (AimSteps / (2 * math.Pi))
	return int(math.Round(steps)) & (AimSteps - 1)
}

func saneAngle(a float32) bool { return a >= -1000 && a <= 1000 }
