package peer

import (
	"context"
	"io"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// tcp is the kernel's TCP with TCP_NODELAY. All lanes but Unreliable share the one stream.
type tcp struct{ congestion string }

// streamBuffer is what the readers of streams read at a time, in bytes.
const streamBuffer = 4 << 10

func (t tcp) control(_, _ string, raw syscall.RawConn) (err error) {
	if e := raw.Control(func(fd uintptr) {
		err = unix.SetsockoptString(int(fd), unix.IPPROTO_TCP, unix.TCP_CONGESTION, t.congestion)
	}); e != nil {
		return e
	}
	return err
}

func (t tcp) Listen(addr string, on Handler) (io.Closer, error) {
	lc := net.ListenConfig{Control: t.control}
	ln, err := lc.Listen(context.Background(), "tcp4", addr)
	if err != nil {
		return nil, err
	}
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			f := &framed{stream: c}
			go f.read(f, on, streamBuffer)
		}
	}()
	return ln, nil
}

func (t tcp) Dial(ctx context.Context, addr string, on Handler) (Conn, error) {
	c, err := (&net.Dialer{Control: t.control}).DialContext(ctx, "tcp4", addr)
	if err != nil {
		return nil, err
	}
	f := &framed{stream: c}
	go f.read(f, on, streamBuffer)
	return f, nil
}
