//go:build linux

package main

// A plot is a picture of one stream's latencies over one link, a curve for each peer.
type plot struct {
	file, title string
	link        string
	stream      int
}

func plots(w workload, cells []ran, document string) error { return nil }
