package replica

import "github.com/halftick/halftick/netcode/sim"

type input struct {
	Dx, Dy     int8    `net:"range=-1:1"`
	Aim        float32 `net:"angle=12"`
	Fire, Dash bool
}

// commands returns n commands up to and with the newest tick, as of a player who turns and fires.
func commands(newest sim.Tick, n int) []Command[input] {
	var cmds []Command[input]
	for i := range n {
		cmds = append(cmds, Command[input]{
			Tick: newest - sim.Tick(n-1-i), View: uint16(200 + i%2),
			Input: input{Dx: 1, Aim: float32(i/4) / 10, Fire: i == 3},
		})
	}
	return cmds
}
