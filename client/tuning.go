package client

import "time"

// Tuning switches the stages of guessing and hiding, while playing. The zero Tuning has all of them
// off; DefaultTuning has all of them on.
type Tuning struct {
	// Prediction runs the player's own input at once. Off: own rows are shown like everybody else's,
	// late by a round trip and the interpolation delay.
	Prediction bool

	// Reconciliation corrects the prediction when the server disagrees. Off: it drifts away.
	Reconciliation bool

	// Smoothing hides corrections by fading them out on screen. Off: they are seen as jumps.
	Smoothing bool

	// Interpolation shows others a little in the past, between two snapshots. Off: they are shown as
	// in the newest snapshot, whenever it came.
	Interpolation bool

	// Extrapolation moves others on for up to 100 ms when snapshots stay out. Off: they hold still.
	Extrapolation bool

	// Rewind tells the server what was on the screen when an input was made, so that hits are judged
	// in that world. Off: they are judged in the present.
	Rewind bool

	// InterpDelay is how far behind the newest snapshot others are shown, up to 500 ms. Zero or less
	// means adaptive: as little as the path allows.
	InterpDelay time.Duration
}

// DefaultTuning returns the Tuning with every stage on and an adaptive delay.
func DefaultTuning() Tuning {
	return Tuning{Prediction: true, Reconciliation: true, Smoothing: true, Interpolation: true, Extrapolation: true, Rewind: true}
}
