package main

import (
	"unicode"
	"unicode/utf8"
)

// maxChat is the length of a chat line in bytes; what is typed beyond it is ignored.
const maxChat = 120

// chat is the line that is being typed.
type chat struct {
	mute bool // there is nobody who could say something: spectators cannot
	open bool
	text string
}

// add appends what was typed, without control characters.
func (c *chat) add(typed []rune) {
	for _, r := range typed {
		if unicode.IsPrint(r) && len(c.text)+utf8.RuneLen(r) <= maxChat {
			c.text += string(r)
		}
	}
}

// erase removes the last character.
func (c *chat) erase() {
	_, n := utf8.DecodeLastRuneInString(c.text)
	c.text = c.text[:len(c.text)-n]
}

// take closes the line and returns what was typed.
func (c *chat) take() string {
	s := c.text
	c.open, c.text = false, ""
	return s
}

// shown is the line as it is drawn: its end, with a cursor.
func (c *chat) shown() string {
	const room = 40
	r := []rune(c.text)
	if len(r) > room {
		r = r[len(r)-room:]
	}
	return "say: " + string(r) + "_"
}
