//go:build !js

package wt

import (
	"io"
	"testing"

	"github.com/halftick/halftick/netcode/carrier"
)

// benchPair returns both ends of a WebTransport session.
func benchPair(b *testing.B) (client, server *Conn) {
	l, url := serve(b, Options{Origins: carrier.Origins{Programs: true}})
	client = dial(b, url)
	c, err := l.Accept()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	c.Authenticated()
	return client, c.(*Conn)
}

// BenchmarkStream is bytes over one reliable stream of WebTransport, in pieces as large as a message of a Bulk channel.
func BenchmarkStream(b *testing.B) {
	client, server := benchPair(b)
	client.WriteRecord([]byte("a first record, which the limits ask for"))
	piece := make([]byte, 60<<10)
	b.SetBytes(int64(len(piece)))
	done := make(chan error)
	go func() {
		s, err := client.session.AcceptStream(b.Context())
		if err == nil {
			_, err = io.CopyN(io.Discard, s, int64(b.N)*int64(len(piece)))
		}
		done <- err
	}()
	s, err := server.session.OpenStream()
	if err != nil {
		b.Fatal(err)
	}
	for range b.N {
		if _, err := s.Write(piece); err != nil {
			b.Fatal(err)
		}
	}
	if err := <-done; err != nil {
		b.Fatal(err)
	}
}
