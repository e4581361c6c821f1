package peer

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"

	"github.com/coder/websocket"
)

// webSocket is coder/websocket over plain TCP, without compression. The first byte of a message is its lane.
type webSocket struct{}

type webSocketConn struct {
	ws  *websocket.Conn
	mu  sync.Mutex // guards buf
	buf []byte
}

func (c *webSocketConn) Send(lane Lane, b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.buf = append(append(c.buf[:0], byte(lane)), b...)
	return c.ws.Write(context.Background(), websocket.MessageBinary, c.buf)
}

func (c *webSocketConn) Close() error { return c.ws.CloseNow() }

func (c *webSocketConn) read(on Handler) {
	c.ws.SetReadLimit(MaxMessage + 1)
	for b := make([]byte, MaxMessage+2); ; { // one more than fits, so that a read meets the end
		_, r, err := c.ws.Reader(context.Background())
		if err != nil {
			return
		}
		n, err := io.ReadFull(r, b)
		if err != io.ErrUnexpectedEOF && err != io.EOF || n == 0 {
			return
		}
		on(c, Lane(b[0]), b[1:n])
	}
}

func (webSocket) Listen(addr string, on Handler) (io.Closer, error) {
	ln, err := net.Listen("tcp4", addr)
	if err != nil {
		return nil, err
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
		if err != nil {
			return
		}
		c := &webSocketConn{ws: ws}
		c.read(on)
	})}
	go s.Serve(ln)
	return s, nil
}

func (webSocket) Dial(ctx context.Context, addr string, on Handler) (Conn, error) {
	ws, _, err := websocket.Dial(ctx, "ws://"+addr+"/", &websocket.DialOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return nil, err
	}
	c := &webSocketConn{ws: ws}
	go c.read(on)
	return c, nil
}
