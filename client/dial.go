package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// While Dial waits for the server to let the player in, it looks every welcomeLook. It gives up after
// welcomeWait, or when its context ends.
const (
	welcomeLook = 2 * time.Millisecond
	welcomeWait = 5 * time.Second
)

// Dial joins the match at addr, such as "play.example:7777", with the zero Config.
func Dial[W, I any](ctx context.Context, g *sim.Game[W, I], addr string) (*Client[W, I], error) {
	return DialConfig(ctx, g, addr, Config{})
}

// DialConfig joins the match at addr and returns once the server has let the player in. The context
// bounds the joining only. Errors: ErrFull, ErrNoRoom, ErrNoOpen and other *ClosedErrors when the server refuses, does not
// answer, or runs another version of the game; else what is wrong with the game or the address, or
// the context's.
func DialConfig[W, I any](ctx context.Context, g *sim.Game[W, I], addr string, cfg Config) (*Client[W, I], error) {
	cfg = cfg.resolve()
	o, err := open(ctx, g, addr, cfg)
	if err != nil {
		return nil, err
	}
	if cfg.Clock == nil {
		cfg.Clock = o.host.Now
	}
	c, err := New(g, o.host.Endpoint(), o.conn, cfg)
	if err != nil {
		o.host.Close()
		return nil, err
	}
	c.host, c.redials, c.key = o.host, o.redials, o.key
	if err := c.join(ctx); err != nil {
		c.Close() // the server may have let the player in by now
		return nil, err
	}
	return c, nil
}

// opened is a session and what drives it.
type opened struct {
	host    *netcode.Host
	conn    *session.Conn
	redials func(why error) bool
	key     [32]byte // of the session, when it was made for it
}

// open opens a session with the server at addr.
func open[W, I any](ctx context.Context, g *sim.Game[W, I], addr string, cfg Config) (o opened, err error) {
	if err := ctx.Err(); err != nil {
		return o, err // before a fast server's answer can be the reason
	}
	settings, err := SessionConfig(g)
	if err != nil {
		return o, err
	}
	key, made, ticket, err := cfg.identify()
	if err != nil {
		return o, err
	}
	settings.Key = key
	d := netcode.Dialer{FreshToken: cfg.FreshToken, Resume: ticket, OnTry: cfg.OnTry,
		Transport: cfg.Transport, WrapUDP: cfg.WrapUDP, WrapTCP: cfg.WrapTCP, Redial: max(0, cfg.Redial),
		ServerKey: cfg.ServerKey, Token: cfg.Token, WebTransport: cfg.WebTransport,
		Web: cfg.Web, Known: cfg.Known}
	host, conn, err := d.Open(ctx, addr, settings)
	if err != nil {
		return o, dialFailed(g, cfg, err)
	}
	return opened{host, conn, d.Redials, made}, nil
}

// dialFailed makes a *ClosedError of what the server or its silence said.
func dialFailed[W, I any](g *sim.Game[W, I], cfg Config, err error) error {
	var why *session.CloseError
	if !errors.As(err, &why) {
		return err
	}
	closed := refusedError(g, err)
	if why.Refusal == session.RefusedDenied && len(cfg.Token) == 0 && cfg.FreshToken == nil {
		closed.Reason += "; the server may want a token, and none was given"
	}
	return closed
}

// refusedError is closedError with more to say of a server that runs another build of the game.
func refusedError[W, I any](g *sim.Game[W, I], err error) *ClosedError {
	closed := closedError(err)
	var why *session.CloseError
	if !errors.As(err, &why) {
		return closed
	}
	switch why.Refusal {
	case session.RefusedSchema:
		closed.Reason = mismatch(g, why)
	case session.RefusedApp:
		closed.Reason = fmt.Sprintf("another game than %q is at this address, or a build of it from another version of halftick: check address and Game.Name", g.Name)
	}
	return closed
}

// mismatch says in what the server's game and this one differ.
func mismatch[W, I any](g *sim.Game[W, I], why *session.CloseError) string {
	const advice = "run the same version of the game"
	both := fmt.Sprintf("game %q, server %016x, client %016x", g.Name, why.Peer, why.Local)
	own, err := about(g)
	switch first := replica.CompareAbout(why.About, own); {
	case why.About == "" || err != nil:
		return fmt.Sprintf("another schema (%s): %s", both, advice)
	case first == "":
		return fmt.Sprintf("another schema (%s): worlds and inputs are the same, the versions of halftick are not", both)
	default:
		return fmt.Sprintf("another schema (%s): %s: %s", both, first, advice)
	}
}

// about describes the client's own schema, as the server's describes its.
func about[W, I any](g *sim.Game[W, I]) (string, error) {
	plan, err := replica.NewPlan[W]()
	if err != nil {
		return "", err
	}
	inputs, err := replica.NewInputs[I]()
	if err != nil {
		return "", err
	}
	rate, _ := g.Rates()
	return replica.About(plan.Describe(), inputs.Describe(), rate, g.Messages()), nil
}

// isIn reports whether the server has let the player in.
func (c *Client[W, I]) isIn() (in bool) {
	c.locked(func(time.Duration) { in = c.entered })
	return in
}

// join says hello and waits for Welcome.
func (c *Client[W, I]) join(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, welcomeWait, errors.New("the server does not let the player in"))
	defer cancel()
	look := time.NewTicker(welcomeLook)
	defer look.Stop()
	for {
		var neutral I
		if err := c.Update(neutral); err != nil {
			return err
		}
		if c.isIn() {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("client: joining: %w", context.Cause(ctx))
		case <-look.C:
		}
	}
}
