package wt

import (
	"errors"
	"net"
	"syscall/js"
)

// promises waits for one promise after the other. It is made by newPromises and belongs to one goroutine.
type promises struct {
	kept, broken js.Func
	settled      chan settled
}

type settled struct {
	value js.Value
	err   error
}

func newPromises() *promises {
	p := &promises{settled: make(chan settled, 1)}
	p.kept = js.FuncOf(func(_ js.Value, args []js.Value) any {
		v := js.Undefined()
		if len(args) > 0 {
			v = args[0]
		}
		p.settled <- settled{value: v}
		return nil
	})
	p.broken = js.FuncOf(func(_ js.Value, args []js.Value) any {
		why := "unknown"
		if len(args) > 0 {
			why = js.Global().Get("String").Invoke(args[0]).String()
		}
		p.settled <- settled{err: errors.New("wt: " + why)}
		return nil
	})
	return p
}

// await returns what a promise became. Once ended is closed it waits no more: p is of no further use then, and
// its functions are left to a promise that may still call them.
func (p *promises) await(promise js.Value, ended <-chan struct{}) (js.Value, error) {
	promise.Call("then", p.kept, p.broken)
	select {
	case s := <-p.settled:
		return s.value, s.err
	case <-ended:
		return js.Undefined(), net.ErrClosed
	}
}
