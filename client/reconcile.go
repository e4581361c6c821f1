package client

import "github.com/halftick/halftick/netcode/replica"

// verdict is what a snapshot said about the prediction.
type verdict uint8

const (
	unknown verdict = iota // nothing was predicted for that tick
	right
	wrong
)

// judge compares the newest snapshot, of tick a, with what was predicted for it. Both are integers: a
// prediction is right or it is not.
func (p *predictor[W, I]) judge(auth *replica.Snapshot, a int64) verdict {
	if !p.valid {
		return unknown
	}
	switch guess := p.results.of(a); {
	case guess == nil:
		return unknown
	case p.plan.EqualPredicted(guess, auth, p.me):
		return right
	}
	return wrong
}

// accept takes over everything that is not predicted from the newest snapshot. Nothing is resimulated.
func (p *predictor[W, I]) accept(auth *replica.Snapshot) {
	if p.valid {
		p.plan.RestoreUnpredicted(p.world, auth, p.me)
	}
}

// ownsNothing reports whether the player had no row in the result of a tick. Then the first one must
// come from the server, even while corrections are switched off.
func (p *predictor[W, I]) ownsNothing(tick int64) bool {
	guess := p.results.of(tick)
	return guess == nil || !guess.Owns(p.me)
}
