// Package netvet finds what makes a game differ between two machines, or between two runs of the same tick.
//
// A game's functions run more than once for the same tick: on the server, in every client that predicts, again after each
// correction, in replays and in tests. Whatever they read besides their arguments makes these runs differ, and the player
// sees it as stutter. netvet starts at every function that a sim.Game is given (Step, Join, Leave, Init, Check, See and any other), and at the
// methods of values in its world that say themselves how they travel (sim.Custom). It follows what they call, through other packages
// of the build too, and reports
//
//	clock      time.Now, Since, Until, Sleep, timers, deadlines
//	chance     math/rand, crypto/rand, hash/maphash: use Ctx.Rand
//	order      range over a map, maps.Keys (unless sorted at once), reflect's MapKeys and MapRange
//	threads    go statements, channels, select, sync, sync/atomic, runtime
//	outside    os, net, syscall, log, printing: Step runs again for the same tick
//	state      package variables that are written, or read although something writes them; captured variables and
//	           receivers of method values that are written: nothing rolls them back
//	memory     unsafe, addresses that are printed (%p)
//	floats     x*y+z, which some CPUs compute with one rounding and others with two: float32(x*y)+z is equal everywhere
//	math       functions whose last bits differ between CPUs: see exactMath for the ones that do not
//	types      worlds and inputs with pointers, slices, maps, strings, interfaces, functions, channels, int or float64
//
// # What it follows
//
// A function that is named in reachable code counts as called, so closures, method values and functions in variables are
// followed where they are named. Calls through an interface are followed to the types of the same package that have the
// method. The functions of the standard library are judged by a list (std.go); those of other modules are read like one's own.
// Writes through pointers are not followed: that a helper changes a package variable whose address it was given goes unseen.
//
// # Floats
//
// The Go specification allows x*y+z to be fused into one operation, also across statements; an explicit conversion prevents
// it. On arm64, ppc64, riscv64, s390x and loong64, and on amd64 with GOAMD64=v3, the compiler does so; on plain amd64 and wasm it does
// not. A product is followed through local variables, fields, struct literals, returned values and arguments, because
// functions are inlined before operations are fused. Products with a constant power of two are exact and pass.
//
// # Suppressing
//
//	for _, p := range prices { //netvet:ok a sum does not depend on the order
//
// suppresses a line, the one below when the comment stands alone. The reason is required.
//
// # Reading order
//
// analyzer.go (the order of things), roots.go (where it starts), graph.go (what is reachable), rules.go, std.go, vars.go, fused.go and
// types.go (what is wrong), suppress.go, facts.go (what one package tells those that import it).
package netvet
