package session

// keyTable is the keys of a ReliableLatest channel, at most maxKeys, each with a T. A key is forgotten for
// a new one only when the table is full, least recently used first, and only when no record that could
// still be accepted carries an older value of it. The zero value is empty.
type keyTable[T any] struct {
	index          map[uint64]int32
	entries        []keyEntry[T]
	newest, oldest int32 // the ends of the list, by use
}

// keyEntry is one key in the list.
type keyEntry[T any] struct {
	key          uint64
	pn           uint64 // of the record with which it was used last
	newer, older int32  // its neighbours in the list; -1 at an end
	value        T
}

// find returns the entry of a key.
func (t *keyTable[T]) find(key uint64) (e *keyEntry[T], ok bool) {
	i, ok := t.index[key]
	if !ok {
		return nil, false
	}
	return &t.entries[i], true
}

// full reports whether a new key has to take the place of an old one.
func (t *keyTable[T]) full() bool { return len(t.entries) >= maxKeys }

// add makes an entry for a key that has none, used with record pn. When the table is full it takes the place of
// the oldest; the caller has dealt with what is in that one.
func (t *keyTable[T]) add(key, pn uint64) *keyEntry[T] {
	if t.index == nil {
		t.index = make(map[uint64]int32)
		t.newest, t.oldest = -1, -1
	}
	i := int32(len(t.entries))
	if t.full() {
		i = t.oldest
		delete(t.index, t.entries[i].key)
		t.unlink(i)
	} else {
		t.entries = append(t.entries, keyEntry[T]{})
	}
	t.entries[i] = keyEntry[T]{key: key, pn: pn}
	t.index[key] = i
	t.link(i)
	return &t.entries[i]
}

// used notes that a record carries, or brought, a value of the key of e.
func (t *keyTable[T]) used(e *keyEntry[T], pn uint64) {
	e.pn = pn
	if i := t.index[e.key]; i != t.newest {
		t.unlink(i)
		t.link(i)
	}
}

// link puts entry i at the new end of the list.
func (t *keyTable[T]) link(i int32) {
	e := &t.entries[i]
	e.newer, e.older = -1, t.newest
	if t.newest >= 0 {
		t.entries[t.newest].newer = i
	} else {
		t.oldest = i
	}
	t.newest = i
}

// unlink takes entry i out of the list.
func (t *keyTable[T]) unlink(i int32) {
	e := &t.entries[i]
	if e.newer >= 0 {
		t.entries[e.newer].older = e.older
	} else {
		t.newest = e.older
	}
	if e.older >= 0 {
		t.entries[e.older].newer = e.newer
	} else {
		t.oldest = e.newer
	}
}
