package peer

import (
	"context"
	"io"

	"github.com/xtaci/kcp-go/v5"
)

// turbo is kcp-go with the settings games use: no delay, 10 ms interval, fast resend after 2, no congestion window,
// acknowledgements at once. Reliable and Bulk share the one stream of a session.
type turbo struct {
	aes          bool // AES-128 in CFB mode with a CRC-32: kcp-go has no authenticated cipher in this version
	data, parity int  // Reed-Solomon shards; 0 means none
}

const kcpWindow = 1024

func (t turbo) crypt() (kcp.BlockCrypt, error) {
	if !t.aes {
		return nil, nil
	}
	return kcp.NewAESBlockCrypt(make([]byte, 16))
}

func set(s *kcp.UDPSession) *framed {
	s.SetNoDelay(1, 10, 2, 1)
	s.SetACKNoDelay(true)
	s.SetWindowSize(kcpWindow, kcpWindow)
	//lint:ignore SA1019 it fills packets better, and nothing replaces it
	s.SetStreamMode(true)
	s.SetWriteDelay(false)
	return &framed{stream: s}
}

func (t turbo) Listen(addr string, on Handler) (io.Closer, error) {
	crypt, err := t.crypt()
	if err != nil {
		return nil, err
	}
	ln, err := kcp.ListenWithOptions(addr, crypt, t.data, t.parity)
	if err != nil {
		return nil, err
	}
	ln.SetReadBuffer(4 << 20)
	ln.SetWriteBuffer(4 << 20)
	go func() {
		for {
			s, err := ln.AcceptKCP()
			if err != nil {
				return
			}
			f := set(s)
			go f.read(f, on, streamBuffer)
		}
	}()
	return ln, nil
}

func (t turbo) Dial(_ context.Context, addr string, on Handler) (Conn, error) {
	crypt, err := t.crypt()
	if err != nil {
		return nil, err
	}
	s, err := kcp.DialWithOptions(addr, crypt, t.data, t.parity)
	if err != nil {
		return nil, err
	}
	f := set(s)
	go f.read(f, on, streamBuffer)
	return f, nil
}
