package session

// Numbers that are left out. A receiver that acknowledges what it has not received, so that the sender goes faster than the path
// carries, cannot know them, and is found out sooner or later. They stand on a grid with room for chance, so that an honest receiver
// knows how many there can be, and does not take them for losses:
//
//	number        0        256       512       768      1024
//	the first     |------------------|
//	the second             |------------------|
//	the third                        |------------------|

// nextSkip draws the number that is left out after n others, of which after is the last: some place of its own that is not before it.
func (e *Endpoint) nextSkip(n, after uint64) uint64 {
	from, to := n*skipEvery, n*skipEvery+skipSpread
	if n > 0 {
		from = max(from, after+leastSkip)
	}
	return from + e.random.Uint64()%(to-from)
}

// leftOut is the numbers that a receiver takes for left out rather than lost. The zero value is that of a new session.
//
// A missing number is one of them as long as there may be so many. So without loss each is known as what it is; where there are losses,
// some of them are taken for it, and as many that are left out count as lost: of what is lost, none is hidden for long.
type leftOut struct {
	count  uint64
	latest [skipSpread/skipEvery + 2]uint64 // index n % len
}

// take reports whether the number pn, which is missing, is taken for left out.
func (l *leftOut) take(pn uint64) bool {
	const late = skipSpread / skipEvery // so many may be outstanding
	begun := pn/skipEvery + 1
	if begun > l.count+late {
		l.count = begun - late // those before have their places behind us, whether we have missed them or not
	}
	if l.count >= begun {
		return false
	}
	l.latest[l.count%uint64(len(l.latest))] = pn
	l.count++
	return true
}

// late reports whether the number pn, which came late, had been taken for left out, and takes that back.
func (l *leftOut) late(pn uint64) bool {
	n := uint64(len(l.latest))
	for i := range min(n, l.count) {
		if l.latest[i] == pn {
			l.count--
			l.latest[i] = l.latest[l.count%n]
			return true
		}
	}
	return false
}
