package client

type driver struct{}

func (c *Client[W, I]) locked(f func()) { f() }
