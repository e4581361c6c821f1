package main

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/msg"
)

// private begins the codes of private rooms. Another name that begins so is none.
const private = "#"

// Limits. What is longer is cut off, who is beyond them is told so.
const (
	maxName    = 24  // bytes, of a member, a room or a status
	maxText    = 400 // bytes, of a line
	codeLength = 6   // of a private room, of 32 letters: at two guesses a second nobody finds one
	maxRooms   = 64  // the next one is refused
	maxMembers = 32  // of one room; the next one stays where he was, or in none
	kept       = 20  // lines of a room that a newcomer is told
	burst      = 8   // lines at once, and
	perSecond  = 2   // lines a second on average; more are not passed on
)

// The channels: nothing on one holds back the other.
const (
	lines    = iota // Ask to the server, Line to the members
	presence        // Member to the members: the newest value of each key, which is the member's number
)

func config() netcode.Config {
	return netcode.Config{App: "halftick chat", Channels: []netcode.Channel{
		lines:    {Name: "lines", Kind: netcode.ReliableOrdered, Redundancy: 2},
		presence: {Name: "presence", Kind: netcode.ReliableLatest},
	}}
}

// Ask is what a member wants: whatever is not empty.
type Ask struct {
	Name, Room, Status, Text string
	Do                       uint8
}

// What an Ask wants done.
const (
	listRooms  = iota + 1
	createRoom // a private one: it is not listed, and joined by its code alone
	leaveRoom
)

// Line is what was said in the room, or by the server (no From).
type Line struct{ From, Text string }

// Member is somebody in the room. Without a name he is gone.
type Member struct {
	ID           uint32
	Name, Status string
}

var (
	askCodec    = codec[Ask]()
	lineCodec   = codec[Line]()
	memberCodec = codec[Member]()
)

func codec[T any]() *msg.Codec[T] {
	c, err := msg.NewCodec[T]()
	if err != nil {
		panic(err) // T is of this file
	}
	return c
}

// clean makes what a peer sent safe to print in a terminal: one line of valid UTF-8 without controls, escapes and marks that turn the direction
// of writing, at most so many bytes.
func clean(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r) || r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
	for len(s) > most {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return strings.TrimSpace(s)
}
