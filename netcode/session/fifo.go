package session

// fifo is a first-in first-out ring that grows to what it once had to hold. What is in it is named by its
// place, which counts up from 0 for ever. The zero value is empty.
type fifo[T any] struct {
	ring       []T // index place % len, a power of two
	head, tail uint64
}

func (q *fifo[T]) len() int { return int(q.tail - q.head) }

// at returns what is in a place from head to tail-1, valid until the next push.
func (q *fifo[T]) at(place uint64) *T { return &q.ring[place&uint64(len(q.ring)-1)] }

// front returns the oldest; there must be one.
func (q *fifo[T]) front() *T { return q.at(q.head) }

// push adds v behind the others and returns its place.
func (q *fifo[T]) push(v T) (place uint64) {
	if q.len() == len(q.ring) {
		q.grow()
	}
	q.tail++
	*q.at(q.tail - 1) = v
	return q.tail - 1
}

// reserve makes room for the first few, so that they need none when they come.
func (q *fifo[T]) reserve() {
	if q.ring == nil {
		q.grow()
	}
}

// grow doubles the room.
func (q *fifo[T]) grow() {
	grown := make([]T, max(4, 2*len(q.ring)))
	for i := q.head; i < q.tail; i++ {
		grown[i&uint64(len(grown)-1)] = *q.at(i)
	}
	q.ring = grown
}

// pop removes the oldest; there must be one.
func (q *fifo[T]) pop() T {
	var zero T
	v := *q.front()
	*q.front() = zero
	q.head++
	return v
}
