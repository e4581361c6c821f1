package server

import (
	"errors"
	"strconv"
	"strings"

	"github.com/halftick/halftick/netcode/replica"
)

// Errors of Hall.Open.
var (
	// ErrTaken: there is a room of that name.
	ErrTaken = errors.New("server: there is a room of that name")
	// ErrRooms: HallConfig.MaxRooms are open, or the Hall is being stopped.
	ErrRooms = errors.New("server: no more rooms")
	// ErrRoomName: 1 to 24 ASCII letters, digits, '-', '_' and '.' make a name.
	ErrRoomName = errors.New("server: a room's name is 1 to 24 ASCII letters, digits, '-', '_' and '.'")
)

// A code is codeLength of these: no vowels, so that none spells a word, and nothing that looks like another. There are 27^6 of them,
// about 2^28: with wrongEvery, somebody with one address who guesses at 64 rooms finds one in 70 days.
const (
	codeLetters = "BCDFGHJKLMNPQRSTVWXZ2345679"
	codeLength  = 6
)

// rooms are those of a Hall that can be entered, by name and by code.
type rooms[W, I any] struct {
	byName map[string]*Room[W, I] // folded
	byCode map[string]*Room[W, I]
	order  []*Room[W, I] // the oldest first
	last   int           // number that was used in a name
}

// fold makes names that differ in case the same.
func fold(name string) string { return strings.ToLower(name) }

// goodRoomName reports whether a room may be called so: names go into logs, files, labels and URLs.
func goodRoomName(name string) bool {
	return name != "" && len(name) <= replica.MaxRoom && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
	})
}

// find returns the room of a code, as people write it, or a name; nil when there is none.
func (s *rooms[W, I]) find(wanted string) *Room[W, I] {
	if r := s.byCode[strings.ToUpper(wanted)]; r != nil {
		return r
	}
	return s.byName[fold(wanted)]
}

// add takes in a room under its name, of which it makes one when it has none, and a new code.
func (s *rooms[W, I]) add(r *Room[W, I], random func() uint64) error {
	for r.name == "" {
		s.last++
		if name := "room-" + strconv.Itoa(s.last); s.find(name) == nil {
			r.name = name
		}
	}
	if s.find(r.name) != nil {
		return ErrTaken
	}
	for r.code == "" || s.find(r.code) != nil {
		r.code = newCode(random)
	}
	if s.byName == nil {
		s.byName, s.byCode = map[string]*Room[W, I]{}, map[string]*Room[W, I]{}
	}
	s.byName[fold(r.name)], s.byCode[r.code] = r, r
	s.order = append(s.order, r)
	return nil
}

// goodCode reports whether a room can have the code.
func goodCode(code string) bool {
	return len(code) == codeLength && strings.Trim(code, codeLetters) == ""
}

func newCode(random func() uint64) string {
	var b [codeLength]byte
	for i := range b {
		b[i] = codeLetters[random()%uint64(len(codeLetters))]
	}
	return string(b[:])
}

// remove takes a room out. Removing it again does nothing.
func (s *rooms[W, I]) remove(r *Room[W, I]) {
	if s.byCode[r.code] != r {
		return
	}
	delete(s.byName, fold(r.name))
	delete(s.byCode, r.code)
	for i, other := range s.order {
		if other == r {
			s.order = append(s.order[:i:i], s.order[i+1:]...)
			return
		}
	}
}

// fullest returns the room that is open to anybody and has place for one more, the one with the fewest places left: so matches fill. Nil
// when there is none.
func (s *rooms[W, I]) fullest() (best *Room[W, I]) {
	for _, r := range s.order {
		if !r.hidden && r.places() > 0 && (best == nil || r.places() < best.places()) {
			best = r
		}
	}
	return best
}

// liveliest returns the room with most players that anybody may watch, nil when there is none.
func (s *rooms[W, I]) liveliest() (best *Room[W, I]) {
	for _, r := range s.order {
		if !r.hidden && (best == nil || r.humans.Load()+r.bots.Load() > best.humans.Load()+best.bots.Load()) {
			best = r
		}
	}
	return best
}
