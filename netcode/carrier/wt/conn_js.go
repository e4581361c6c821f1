package wt

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"syscall/js"
	"time"

	"github.com/halftick/halftick/netcode/carrier"
)

// maxArrived is how many records may wait for ReadRecord; the browser keeps some more, then datagrams are dropped.
const maxArrived = 32

// Conn is a WebTransport session of the browser that carries records. It is a carrier.Conn, an unreliable one. The
// zero Conn is of no use: see Dial. It has two goroutines, one for datagrams and one for streams.
type Conn struct {
	carrier.Guard
	wt        js.Value
	datagrams js.Value
	writer    js.Value
	out       js.Value  // a Uint8Array of carrier.MaxRecord
	written   *promises // of WriteRecord
	ignore    js.Func
	arrived   *carrier.Arrivals
}

var _ carrier.Conn = (*Conn)(nil)

// Dial opens a WebTransport session to a URL such as "https://play.example/halftick". The context bounds the dialling
// only; the browser finds the address itself, and sends the page's Origin. It is a netcode.DialWT.
func Dial(ctx context.Context, url string, _ netip.AddrPort) (conn carrier.Conn, err error) {
	u, hash, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	class := js.Global().Get("WebTransport")
	if class.IsUndefined() {
		return nil, errors.New("wt: this browser has no WebTransport")
	}
	defer func() {
		if thrown, ok := recover().(js.Error); ok {
			conn, err = nil, thrown // a URL that the page may not use
		}
	}()
	c := &Conn{arrived: carrier.NewArrivals(maxArrived), written: newPromises()}
	c.Init(nil, nil, carrier.HostPort(u.String()), time.Now())
	c.ignore = js.FuncOf(func(js.Value, []js.Value) any { return nil })
	c.wt = class.New(u.String(), options(hash))
	c.wt.Get("closed").Call("then", c.ignore, c.ignore) // the reader tells
	giveUp, stop := context.WithCancel(ctx)
	defer stop()
	if _, err := newPromises().await(c.wt.Get("ready"), giveUp.Done()); err != nil {
		c.Close()
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, err
	}
	c.begin()
	return c, nil
}

// options are those of a session with a server whose certificate has this hash, if it is not nil.
func options(hash []byte) map[string]any {
	o := map[string]any{}
	if hash != nil {
		value := js.Global().Get("Uint8Array").New(len(hash))
		js.CopyBytesToJS(value, hash)
		o["serverCertificateHashes"] = []any{map[string]any{"algorithm": "sha-256", "value": value}}
	}
	return o
}

// begin opens both directions of a session that stands.
func (c *Conn) begin() {
	c.datagrams = c.wt.Get("datagrams")
	writable := c.datagrams.Get("writable")
	if c.datagrams.Get("createWritable").Type() == js.TypeFunction { // as in Safari
		writable = c.datagrams.Call("createWritable")
	}
	c.writer = writable.Call("getWriter")
	c.out = js.Global().Get("Uint8Array").New(carrier.MaxRecord)
	go c.readDatagrams(c.datagrams.Get("readable").Call("getReader"))
	go c.readStreams(c.wt.Get("incomingUnidirectionalStreams").Call("getReader"))
}

// next returns what a reader gives, or io.EOF.
func (c *Conn) next(p *promises, reader js.Value) (js.Value, error) {
	v, err := p.await(reader.Call("read"), c.arrived.Ended())
	if err == nil && v.Get("done").Bool() {
		err = io.EOF
	}
	if err != nil {
		return js.Undefined(), err
	}
	return v.Get("value"), nil
}

func (c *Conn) readDatagrams(reader js.Value) {
	p := newPromises()
	for {
		v, err := c.next(p, reader)
		if err != nil {
			c.end(io.EOF) // however the browser puts it
			return
		}
		b := make([]byte, min(v.Get("byteLength").Int(), carrier.MaxRecord+1))
		js.CopyBytesToGo(b, v)
		if !c.take(b) {
			return
		}
	}
}

// readStreams takes records that fit no datagram, each alone on its stream.
func (c *Conn) readStreams(streams js.Value) {
	p := newPromises()
	for {
		s, err := c.next(p, streams)
		if err != nil {
			c.end(io.EOF)
			return
		}
		if b, err := c.readStream(p, s.Call("getReader")); err == io.EOF && !c.take(b) {
			return
		}
	}
}

// readStream reads a stream to its end, which is io.EOF, but no more than a byte above carrier.MaxRecord.
func (c *Conn) readStream(p *promises, reader js.Value) (b []byte, err error) {
	for len(b) <= carrier.MaxRecord {
		v, err := c.next(p, reader)
		if err != nil {
			return b, err
		}
		chunk := make([]byte, min(v.Get("byteLength").Int(), carrier.MaxRecord+1))
		js.CopyBytesToGo(chunk, v)
		b = append(b, chunk...)
	}
	return b, io.EOF
}

// take hands a record to ReadRecord, and reports whether there will be another.
func (c *Conn) take(b []byte) bool {
	if err := carrier.CheckSize(len(b)); err != nil {
		c.end(err)
		return false
	}
	return c.arrived.Put(b)
}

// ReadRecord is carrier.Conn's.
func (c *Conn) ReadRecord(b []byte) (n int, err error) { return c.arrived.Next(b) }

// WriteRecord is carrier.Conn's. It waits until the browser has taken the datagram.
func (c *Conn) WriteRecord(b []byte) error {
	if len(b) == 0 || len(b) > carrier.MaxRecord {
		return carrier.ErrRecordSize
	}
	select {
	case <-c.arrived.Ended():
		return net.ErrClosed
	default:
	}
	fits := len(b) <= c.datagrams.Get("maxDatagramSize").Int()
	switch {
	case !fits && len(b) > carrier.MinRecord:
		return nil // lost
	case !fits:
		return c.writeStream(b)
	}
	js.CopyBytesToJS(c.out, b)
	if _, err := c.written.await(c.writer.Call("write", c.out.Call("subarray", 0, len(b))), c.arrived.Ended()); err != nil {
		c.end(io.EOF)
		return err
	}
	return nil
}

// writeStream sends a record alone on a stream.
func (c *Conn) writeStream(b []byte) error {
	s, err := c.written.await(c.wt.Call("createUnidirectionalStream"), c.arrived.Ended())
	if err != nil {
		return err
	}
	data := js.Global().Get("Uint8Array").New(len(b))
	js.CopyBytesToJS(data, b)
	w := s.Call("getWriter")
	w.Call("write", data).Call("catch", c.ignore)
	w.Call("close").Call("catch", c.ignore)
	return nil
}

// Close is carrier.Conn's.
func (c *Conn) Close() error {
	c.end(net.ErrClosed)
	return nil
}

// end ends the session, the first time.
func (c *Conn) end(reason error) {
	_ = c.End(reason, func() error {
		c.arrived.End(reason)
		defer func() { _ = recover() }() // Chromium throws when the session is not there yet
		c.wt.Call("close")
		return nil
	})
}
