// Package order holds games that go through maps.
package order

import (
	"maps"
	"reflect"
	"slices"

	"github.com/halftick/halftick/netcode/sim"
)

type world struct{ N uint32 }

type input struct{}

type ctx = sim.Ctx[world, input]

var prices = map[string]uint32{"a": 1, "b": 2}

func step(c *ctx, w *world) {
	for _, v := range prices { // want `Step > step: range over a map: its order differs between two runs: range over slices.Sorted`
		w.N = w.N*3 + v
	}
	for range prices { // only counts
		w.N++
	}
	for _, k := range slices.Sorted(maps.Keys(prices)) {
		w.N = w.N*3 + prices[k]
	}
	for _, k := range slices.SortedFunc(maps.Keys(bad()), func(a, b string) int { return len(a) - len(b) }) {
		w.N += uint32(len(k))
	}
	for k := range maps.Keys(prices) { // want `maps.Keys goes through a map`
		w.N += uint32(len(k))
	}
	for range reflect.ValueOf(prices).MapKeys() { // want `reflect.MapKeys goes through a map`
	}
	w.N += sum(prices)
	for _, v := range [...]uint32{1, 2} {
		w.N += v
	}
}

func sum[K comparable](m map[K]uint32) (n uint32) {
	for _, v := range m { // want `Step > step > sum: range over a map`
		n = n*2 + v
	}
	return n
}

func bad() map[string]bool {
	for k := range prices { // want `Step > step > bad: range over a map`
		return map[string]bool{k: true}
	}
	return nil
}

func game() *sim.Game[world, input] {
	g := &sim.Game[world, input]{Name: "order"}
	g.Step = step
	return g
}
