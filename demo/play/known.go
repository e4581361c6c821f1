package main

import (
	"fmt"
	"io"

	"github.com/halftick/halftick/netcode"
)

// remember opens the file of known servers, unless it is not to be used, and forgets the server that is connected to if that was
// asked for. What cannot be read is said and does not keep anybody from playing.
func (o *options) remember(warn io.Writer) error {
	if o.match.Connect == "" || o.known == "none" {
		return nil
	}
	if o.known == "" {
		path, err := netcode.KnownServersPath("halftick")
		if err != nil { // no directory for settings, as in a browser
			return nil
		}
		o.known = path
	}
	known, err := netcode.OpenKnownServers(o.known)
	if err != nil {
		fmt.Fprintf(warn, "play: %v\n", err)
	}
	if known == nil {
		return nil
	}
	o.match.Known = known
	if !o.forget {
		return nil
	}
	was, err := known.Forget(o.match.Connect)
	if err == nil && !was {
		err = fmt.Errorf("-forget: %s is not known as it is", o.match.Connect)
	}
	return err
}
