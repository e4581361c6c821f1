package netcode

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// LoadKey reads 32 secret bytes, in hex, from a file: a server's Config.Key, or the seed of a backend's signing key.
// When there is no such file it makes one with a random key that only its owner can read. A file that others can
// read is refused where the system knows such a thing.
func LoadKey(path string) (key [32]byte, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return createKey(path)
	}
	if err != nil {
		return key, fmt.Errorf("key file: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		return key, fmt.Errorf("key file %s: others may read it: chmod 600 %s", path, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return key, fmt.Errorf("key file: %w", err)
	}
	if key, err = parseKey(strings.TrimSpace(string(text))); err != nil {
		return key, fmt.Errorf("key file %s: %w", path, err)
	}
	return key, nil
}

// parseKey reads 32 bytes in hex.
func parseKey(s string) (key [32]byte, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(key) {
		return key, errors.New("want 64 hex digits")
	}
	return [32]byte(b), nil
}

func createKey(path string) (key [32]byte, err error) {
	rand.Read(key[:])
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return key, fmt.Errorf("key file: %w", err)
	}
	_, err = fmt.Fprintf(f, "%x\n", key)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return key, fmt.Errorf("key file: %w", err)
	}
	return key, nil
}
