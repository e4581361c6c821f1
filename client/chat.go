package client

import (
	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
)

// Line is a line of chat.
type Line struct {
	Player sim.PlayerID // 0 is the server
	Name   string       // of the player when it was said
	Text   string
}

// chat holds the lines that nobody has read yet. The zero chat is empty.
type chat struct {
	lines   []Line
	dropped uint64
}

func (c *chat) said(m replica.Said, name string) {
	if len(c.lines) == maxLines {
		c.lines = append(c.lines[:0], c.lines[1:]...)
		c.dropped++
	}
	c.lines = append(c.lines, Line{m.Player, name, m.Text})
}

// read returns the lines since the last call.
func (c *chat) read() []Line {
	lines := c.lines
	c.lines = nil
	return lines
}
