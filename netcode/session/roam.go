package session

// arrivedFrom looks at where an authentic record came from. A client whose address changed is followed
// when the record is its newest.
func (c *Conn) arrivedFrom(from Path, newest bool) {
	if newest && from != c.path && from.Carrier == UDP && c.path.Carrier == UDP && c.dir == toClient {
		c.ep.moved(c, from)
	}
}
