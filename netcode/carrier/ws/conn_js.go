package ws

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall/js"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
)

const (
	// maxArrived is how many records may wait for ReadRecord; one more ends the WebSocket, which may lose nothing.
	maxArrived = 256

	// maxBuffered is how many bytes may wait in the browser, as the kernel holds them for programs; beyond,
	// WriteRecord waits and the session decides later, with fresher data. Nothing tells when they have
	// left, so it is looked every bufferedLook.
	maxBuffered  = 2 * carrier.MaxRecord
	bufferedLook = 4 * time.Millisecond
)

// Conn is a WebSocket of the browser that carries records. It is a carrier.Conn. The zero Conn is of no use: see Dial.
type Conn struct {
	carrier.Guard
	ws      js.Value
	out     js.Value // a Uint8Array of carrier.MaxRecord
	funcs   []js.Func
	opened  chan struct{}
	arrived *carrier.Arrivals
}

var _ carrier.Conn = (*Conn)(nil)

// Dial opens a WebSocket to a URL such as "wss://play.example/halftick". The context bounds the dialling only. The
// browser sends the page's Origin, and tells nothing of why a server was not reached.
func Dial(ctx context.Context, url string) (c *Conn, err error) {
	class := js.Global().Get("WebSocket")
	if class.IsUndefined() {
		return nil, errors.New("ws: no WebSocket here")
	}
	defer func() {
		if thrown, ok := recover().(js.Error); ok {
			c, err = nil, thrown // a URL that the page may not use
		}
	}()
	c = &Conn{
		ws: class.New(url), out: js.Global().Get("Uint8Array").New(carrier.MaxRecord),
		opened: make(chan struct{}), arrived: carrier.NewArrivals(maxArrived),
	}
	c.Init(nil, nil, carrier.HostPort(url), time.Now())
	c.ws.Set("binaryType", "arraybuffer")
	c.on("open", func(js.Value) { close(c.opened) })
	c.on("message", c.message)
	c.on("close", func(js.Value) { c.end(io.EOF) })
	select {
	case <-c.opened:
		return c, nil
	case <-c.arrived.Ended():
		return nil, errors.New("ws: no WebSocket with " + url)
	case <-ctx.Done():
		c.Close()
		return nil, context.Cause(ctx)
	}
}

// on calls f, which must not wait, for each event of a kind until the end.
func (c *Conn) on(event string, f func(js.Value)) {
	callback := js.FuncOf(func(_ js.Value, args []js.Value) any { f(args[0]); return nil })
	c.funcs = append(c.funcs, callback)
	c.ws.Set("on"+event, callback)
}

// message takes in a record.
func (c *Conn) message(event js.Value) {
	data := event.Get("data")
	if data.Type() == js.TypeString {
		c.end(carrier.ErrMalformed)
		return
	}
	size := data.Get("byteLength").Int()
	if err := carrier.CheckSize(size); err != nil {
		c.end(err)
		return
	}
	b := make([]byte, size)
	js.CopyBytesToGo(b, js.Global().Get("Uint8Array").New(data))
	if !c.arrived.Offer(b) {
		c.end(carrier.ErrFlood)
	}
}

// ReadRecord is carrier.Conn's. What had arrived before the end is still returned.
func (c *Conn) ReadRecord(b []byte) (n int, err error) { return c.arrived.Next(b) }

// WriteRecord is carrier.Conn's.
func (c *Conn) WriteRecord(b []byte) error {
	if len(b) == 0 || len(b) > carrier.MaxRecord {
		return carrier.ErrRecordSize
	}
	for waited := time.Duration(0); c.ws.Get("bufferedAmount").Int() > maxBuffered; waited += bufferedLook {
		if waited >= c.WriteLimit() {
			c.end(carrier.ErrStalled)
		}
		look := time.NewTimer(bufferedLook)
		select {
		case <-c.arrived.Ended():
		case <-look.C:
		}
		look.Stop()
	}
	select {
	case <-c.arrived.Ended():
		return net.ErrClosed
	default:
	}
	n := js.CopyBytesToJS(c.out, b)
	c.ws.Call("send", c.out.Call("subarray", 0, n)) // which copies it
	return nil
}

// Close is carrier.Conn's.
func (c *Conn) Close() error {
	c.end(net.ErrClosed)
	return nil
}

// end ends the WebSocket, the first time.
func (c *Conn) end(reason error) {
	_ = c.End(reason, func() error {
		c.arrived.End(reason)
		for _, event := range []string{"open", "message", "close"} {
			c.ws.Set("on"+event, js.Null())
		}
		c.ws.Call("close")
		for _, f := range c.funcs {
			f.Release()
		}
		return nil
	})
}
