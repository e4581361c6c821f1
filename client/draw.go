package client

import (
	"math"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// screen makes the worlds that are shown. Nothing in here has any effect on the simulation.
type screen[W any] struct {
	plan   *replica.Plan[W]
	world  *replica.World[W] // what is shown
	mine   *replica.World[W] // the prediction between two ticks
	auth   *replica.World[W] // for Auth
	past   *replica.World[W] // for At
	smooth *smoother

	moment float64 // that others were last drawn at
	drawn  bool    // since the Advance before
}

func newScreen[W any](plan *replica.Plan[W], teleport float32) *screen[W] {
	return &screen[W]{
		plan: plan, smooth: newSmoother(teleport),
		world: plan.NewWorld(), mine: plan.NewWorld(), auth: plan.NewWorld(), past: plan.NewWorld(),
	}
}

// between blends the predicted rows between the results of the previous and of the newest tick, so that they
// move evenly at any frame rate.
func (s *screen[W]) between(r *results, fraction float64) bool {
	from, to := r.pair()
	if to == nil {
		return false
	}
	s.plan.Interpolate(s.mine, from, to, float32(fraction))
	return true
}

func (s *screen[W]) beforeCorrection(r *results, me sim.PlayerID, fraction float64) {
	clear(s.smooth.before)
	if s.between(r, fraction) {
		s.plan.Smooth(s.mine, me, s.smooth.rememberFn)
	}
}

// afterCorrection returns the largest distance that the correction moved a field by.
func (s *screen[W]) afterCorrection(r *results, me sim.PlayerID, fraction float64) float32 {
	s.smooth.largest = 0
	if s.between(r, fraction) {
		s.plan.Smooth(s.mine, me, s.smooth.compareFn)
	}
	return s.smooth.largest
}

// ViewAt returns the world to be drawn at now, which must not be before the latest Advance: what is
// not predicted as it was at the view's moment, predicted rows ahead of the server, with corrections faded out. Before the first
// snapshot it is empty. The world is borrowed until the next call and must not be changed.
func (c *Client[W, I]) ViewAt(now time.Duration) *W {
	s := c.screen
	if c.snaps.count == 0 {
		return s.world.V
	}
	c.view.advance(now, c.tuning.InterpDelay, c.tuning.Extrapolation)
	s.moment, s.drawn = c.shownAt(), true
	show(s.plan, s.world, c.snaps, c.shownAt(), c.beyond())
	s.smooth.fade(now)
	if c.pred.valid && s.between(&c.pred.results, c.clock.fraction(now)) {
		s.plan.TakePredicted(s.world, s.mine, c.me)
		s.plan.Smooth(s.world, c.me, s.smooth.applyFn)
	}
	return s.world.V
}

// beyond returns for how many ticks others move on of whom there is nothing newer.
func (c *Client[W, I]) beyond() float32 {
	if !c.tuning.Extrapolation || !c.tuning.Interpolation {
		return 0
	}
	return float32(c.past.beyond)
}

// Auth returns the newest world that the server sent. Borrowed until the next call
// of Auth, not to be changed.
func (c *Client[W, I]) Auth() (w *W) {
	c.locked(func(time.Duration) {
		if newest, _ := c.snaps.newest(); newest != nil {
			c.screen.plan.Restore(c.screen.auth, newest)
		}
		w = c.screen.auth.V
	})
	return w
}

// Snapshot returns the newest snapshot that arrived, in lanes, or nil before the first. It is borrowed for the next 126 snapshots.
func (c *Client[W, I]) Snapshot() (s *replica.Snapshot) {
	c.locked(func(time.Duration) { s, _ = c.snaps.newest() })
	return s
}

// At returns the server's world of a tick in the past, or between two, such as the one that a shot was
// judged in; false when the client does not have it. Borrowed until the next call of At, not to be changed.
func (c *Client[W, I]) At(tick float64) (w *W, ok bool) {
	c.locked(func(time.Duration) { w, ok = c.at(tick) })
	return w, ok
}

func (c *Client[W, I]) at(tick float64) (*W, bool) {
	if c.snaps.count == 0 || tick != tick {
		return nil, false
	}
	_, newest := c.snaps.back(0)
	_, oldest := c.snaps.back(c.snaps.kept() - 1)
	whole := math.Floor(tick)
	pos := float64(unwrap(newest, sim.Tick(int64(whole)))) + tick - whole
	if !(float64(oldest) <= pos && pos <= float64(newest)) {
		return nil, false
	}
	show(c.screen.plan, c.screen.past, c.snaps, pos, c.beyond())
	return c.screen.past.V, true
}
