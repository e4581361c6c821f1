package server

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/halftick/halftick/netcode/replica"
)

// cleanName makes what a peer calls itself safe to print anywhere: valid UTF-8, 1 to maxNameRunes
// runes in normal form C, so that no two that look alike differ in how they are composed, single spaces, no control, bidirectional, zero-width or blank characters, and at most two
// combining marks in a row. Nothing left means "player".
func cleanName(s string) string {
	var b strings.Builder
	marks, space := 0, false
	for _, r := range norm.NFC.String(s) {
		if unicode.IsSpace(r) {
			space = b.Len() > 0
			continue
		}
		if !visible(r) {
			continue
		}
		if marks++; !unicode.Is(unicode.M, r) {
			marks = 0
		}
		if marks > 2 || marks > 0 && b.Len() == 0 {
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	if b.Len() == 0 {
		return "player"
	}
	return cutName(norm.NFC.String(b.String()), 0) // again: what stood between a letter and its mark may be gone
}

// cutName shortens a name so that reserve more ASCII characters fit behind it.
func cutName(s string, reserve int) string {
	end, runes := 0, 0
	for i, r := range s {
		next := i + utf8.RuneLen(r)
		if runes++; runes > maxNameRunes-reserve || next > replica.MaxName-reserve {
			break
		}
		end = next
	}
	return strings.TrimRight(s[:end], " ")
}

// visible reports whether r leaves ink. unicode.IsPrint already refuses controls, formats (bidi,
// zero-width) and surrogates; the blank letters and the variation selectors pass as letters and marks.
func visible(r rune) bool {
	switch r {
	case unicode.ReplacementChar, 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0:
		return false
	}
	return unicode.IsPrint(r) && !unicode.Is(unicode.Variation_Selector, r)
}

// uniqueName returns name, or name with the first free number from 2 on when it is taken. The number
// replaces the end of a name that leaves no room for it.
func uniqueName(name string, taken func(string) bool) string {
	unique := name
	for n := 2; taken(unique); n++ {
		suffix := " " + strconv.Itoa(n)
		unique = cutName(name, len(suffix)) + suffix
	}
	return unique
}
