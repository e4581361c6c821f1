package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"hash/fnv"
	"strings"
)

// users are the players of this example, by name: the hashes of their passwords. A real backend has its accounts
// here, with a slow password hash.
type users map[string][sha256.Size]byte

// String implements flag.Value. It shows no passwords.
func (u *users) String() string { return fmt.Sprintf("%d users", len(*u)) }

// Set implements flag.Value: name:password, separated by commas.
func (u *users) Set(s string) error {
	*u = users{}
	for entry := range strings.SplitSeq(s, ",") {
		name, password, ok := strings.Cut(entry, ":")
		if !ok || name == "" || password == "" {
			return fmt.Errorf("%q: want name:password", entry)
		}
		(*u)[name] = sha256.Sum256([]byte(password))
	}
	return nil
}

// login returns the player's number when name and password are right. A name that is not known takes as long.
func (u users) login(name, password string) (user uint64, ok bool) {
	want, known := u[name]
	got := sha256.Sum256([]byte(password))
	if subtle.ConstantTimeCompare(got[:], want[:]) != 1 || !known {
		return 0, false
	}
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64(), true
}
