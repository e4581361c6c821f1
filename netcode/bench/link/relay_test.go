package link

import (
	"net"
	"testing"
	"time"
)

func TestRelay(t *testing.T) {
	l, err := openRelay(Shape{Delay: 20 * time.Millisecond}, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	listen, dial := l.Addr()
	server, err := net.ListenPacket("udp4", listen)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	client, err := net.Dial("udp4", dial)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	began := time.Now()
	if _, err := client.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 100)
	n, from, err := server.ReadFrom(b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := server.WriteTo(b[:n], from); err != nil {
		t.Fatal(err)
	}
	if n, err = client.Read(b); err != nil || string(b[:n]) != "hello" {
		t.Fatalf("got %q, %v", b[:n], err)
	}
	if took := time.Since(began); took < 40*time.Millisecond {
		t.Errorf("there and back in %v, want no less than 40 ms", took)
	}
	c := l.Counts()
	if want := (Count{Packets: 1, Bytes: 5 + headers}); c[Client] != want || c[Server] != want {
		t.Errorf("counted %+v, want %+v each way", c, want)
	}
}
