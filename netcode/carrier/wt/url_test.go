package wt

import (
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	hash := strings.Repeat("0f", 32)
	for _, c := range []struct {
		raw    string
		pinned bool
		ok     bool
	}{
		{"https://play.example/halftick", false, true},
		{"https://127.0.0.1:4433/wt#sha256=" + hash, true, true},
		{"https://[::1]:4433/#sha256=" + strings.ToUpper(hash), true, true},
		{"https://play.example/#sha256=" + hash[2:], false, false},
		{"https://play.example/#md5=" + hash, false, false},
		{"https://play.example/#" + hash, false, false},
		{"https://me@play.example/", false, false},
		{"http://play.example/", false, false},
		{"https:///path", false, false},
		{"play.example:443", false, false},
	} {
		u, hash, err := parseURL(c.raw)
		if (err == nil) != c.ok || (hash != nil) != c.pinned {
			t.Errorf("%s: hash %x, %v", c.raw, hash, err)
		}
		if c.ok && strings.Contains(u.String(), "#") {
			t.Errorf("%s: %s is dialled", c.raw, u)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	f.Add("https://play.example/halftick#sha256=" + strings.Repeat("0f", 32))
	f.Fuzz(func(t *testing.T, raw string) {
		u, hash, err := parseURL(raw)
		if err != nil {
			return
		}
		if u.Scheme != "https" || u.Hostname() == "" || u.Fragment != "" || hash != nil && len(hash) != 32 {
			t.Errorf("%q: %v, %x", raw, u, hash)
		}
	})
}
