// Package outside holds games that look out of the window.
package outside

import (
	"fmt"
	"log"
	"net"
	"net/netip"
	"os"
	"syscall"

	"github.com/halftick/halftick/netcode/sim"
)

type world struct{ N uint32 }

type input struct{}

var game = sim.Game[world, input]{Name: "outside", Step: func(c *sim.Ctx[world, input], w *world) {
	if os.Getenv("HARD") != "" { // want `os.Getenv reaches the operating system: the tick runs again on other machines`
		w.N++
	}
	_, _ = net.Dial("tcp", "example.com:80") // want `net.Dial reaches the network`
	w.N += uint32(syscall.Getpid())          // want `syscall.Getpid reaches the operating system`
	log.Print("tick")                        // want `log.Print prints: the tick runs again after each correction, and says it again`
	fmt.Println("tick")                      // want `fmt.Println prints`
	fmt.Fprintln(os.Stderr, "tick")          // want `os.Stderr reaches the operating system`
	_ = fmt.Sprintf("%d", w.N)
	_ = netip.Addr{}
}}
