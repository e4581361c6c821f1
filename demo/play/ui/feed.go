package ui

import "time"

// Bounds of the feed: an older line gives way to the newest, and a line is forgotten after feedLife.
const (
	feedLines = 12
	feedLife  = 20 * time.Second
)

// Line is one thing that happened. Who and Whom are 0 when no player is meant.
type Line struct {
	At        time.Duration // the time it was added
	Who, Whom uint8         // players, for their colours
	Text      string
	Chat      bool
}

// Feed is the list of what happened lately: kills, joins and chat. The zero Feed is empty.
type Feed struct{ lines []Line }

// Add appends a line at time now.
func (f *Feed) Add(now time.Duration, l Line) {
	l.At = now
	if len(f.lines) == feedLines {
		copy(f.lines, f.lines[1:])
		f.lines = f.lines[:feedLines-1]
	}
	f.lines = append(f.lines, l)
}

// Newest returns at most n of the lines that are not forgotten yet, oldest first. The slice is
// borrowed until the next Add.
func (f *Feed) Newest(now time.Duration, n int) []Line {
	from := max(0, len(f.lines)-n)
	for from < len(f.lines) && now-f.lines[from].At > feedLife {
		from++
	}
	return f.lines[from:]
}
