package netcode

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestLoadKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "server.key")
	first, err := LoadKey(path)
	if err != nil || first == [32]byte{} {
		t.Fatalf("made %x, %v", first, err)
	}
	if again, err := LoadKey(path); err != nil || again != first {
		t.Errorf("read back %x, %v; want %x", again, err, first)
	}
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	for text, why := range map[string]string{"": "empty", "00": "short", "zz": "not hex"} {
		bad := filepath.Join(t.TempDir(), "bad.key")
		if err := os.WriteFile(bad, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadKey(bad); err == nil {
			t.Errorf("%s: accepted", why)
		}
	}
	if _, err := LoadKey(filepath.Join(t.TempDir(), "none", "server.key")); err == nil {
		t.Error("made a key in a directory that is not there")
	}
	if runtime.GOOS != "windows" {
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadKey(path); err == nil {
			t.Error("a key that everybody can read was accepted")
		}
	}
}
