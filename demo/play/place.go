package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"

	"github.com/halftick/halftick/demo/play/match"
)

// comeBack says where the player's place at the server is kept, one file for each server and room, unless it is not to be. Who comes in by
// a backend's token is known by that.
func (o *options) comeBack() {
	if o.match.Connect == "" || o.match.Spectate || o.tokens != "" || o.place == "none" {
		return
	}
	if o.place == "" {
		dir, err := os.UserCacheDir()
		if err != nil { // as in a browser
			return
		}
		name := sha256.Sum256([]byte(o.match.Connect + "\x00" + o.match.Room))
		o.place = filepath.Join(dir, "halftick", fmt.Sprintf("place-%x", name[:8]))
	}
	o.match.Place = match.NewPlace(o.place)
}
