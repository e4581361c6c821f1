package netcode

import (
	"context"
	"errors"
	"time"

	"github.com/halftick/halftick/netcode/session"
)

// A server that refuses a client for its schema is asked for its description, over the carrier by which it refused: see
// session.CloseError.About.
const (
	explainFor  = 3 * time.Second      // altogether; then the refusal has to do without
	explainLook = 5 * time.Millisecond // whether the answer is complete
)

// explain adds to a refusal for the schema what the server says of its own.
func (p *pilot) explain(ctx context.Context, err error) {
	var fail *DialError
	var refused *session.CloseError
	if !errors.As(err, &fail) || !errors.As(err, &refused) || refused.Refusal != session.RefusedSchema {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, explainFor)
	defer cancel()
	h, path := p.host, fail.Attempts[0].Path
	if path.Carrier != session.UDP && !p.reconnect(ctx, path) {
		return
	}
	now := h.Lock()
	about := h.ep.AskAbout(now, path)
	h.Unlock()
	look := time.NewTicker(explainLook)
	defer look.Stop()
	for done := false; !done; {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
		h.Lock()
		if done = about.Done; done {
			refused.About = about.Text
		}
		h.Unlock()
	}
}

// reconnect opens a stream for a question: the one of a session that was refused ends with it.
func (p *pilot) reconnect(ctx context.Context, path session.Path) bool {
	c, err := p.connect(ctx, path)
	if err != nil {
		return false
	}
	p.host.Lock()
	defer p.host.Unlock()
	s := p.host.addStream(path, c)
	if s == nil {
		return false
	}
	s.established = true // nobody limits whom we called
	p.host.ep.SetBlocked(path, false)
	return true
}
