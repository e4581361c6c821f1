package server

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/halftick/halftick/netcode/replica"
)

func TestCleanName(t *testing.T) {
	for in, want := range map[string]string{
		"Ada":                       "Ada",
		"":                          "player",
		" \t\n ":                    "player",
		"  Ada   Lovelace ":         "Ada Lovelace",
		"a\x00b\x1b[31mc":           "ab[31mc",
		"\u202eevil\u202c":          "evil",
		"z\u200bero\u200d\ufeff":    "zero",
		"\u3164\u2800\u115f":        "player",
		"bad\xff\xfeutf":            "badutf",
		"\u0301\u0301x":             "x",
		"e\u0301\u0301\u0301\u0301": "\u00e9\u0301\u0301",
		"Zoe\u0308":                 "Zo\u00eb",
		"e\u200b\u0301":             "\u00e9",
		"\u1112\u1161\u11ab":        "\ud55c",
		"\u2066x\u2069":             "x",
		"Zo\u00eb":                  "Zo\u00eb",
		strings.Repeat("x", 30):     strings.Repeat("x", min(maxNameRunes, replica.MaxName)),
		strings.Repeat("x ", 30):    strings.TrimRight(strings.Repeat("x ", min(maxNameRunes, replica.MaxName)/2), " "),
	} {
		if got := cleanName(in); got != want {
			t.Errorf("cleanName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestUniqueName(t *testing.T) {
	long := strings.Repeat("y", min(maxNameRunes, replica.MaxName))
	present := map[string]bool{"Ada": true, "Ada 2": true, long: true}
	taken := func(s string) bool { return present[s] }
	for in, want := range map[string]string{"Bob": "Bob", "Ada": "Ada 3", long: long[:len(long)-2] + " 2"} {
		if got := uniqueName(in, taken); got != want {
			t.Errorf("uniqueName(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzCleanName(f *testing.F) {
	for _, s := range []string{"Ada", "", "\u202e\u200b", "e\u0301\u0301\u0301", "bad\xff", "e\u200b\u0301", "\u0915\u093c\u0301\u0301", "\u0958\u0301\u0301", strings.Repeat("\U0001F600", 40), "a \u3000 b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name := cleanName(s)
		checkName(t, name)
		if again := cleanName(name); again != name {
			t.Errorf("cleaning %q again gives %q", name, again)
		}
		second := uniqueName(name, func(s string) bool { return s == name })
		checkName(t, second)
		if second == name {
			t.Errorf("%q is not unique", second)
		}
	})
}

func checkName(t *testing.T, name string) {
	t.Helper()
	if n := utf8.RuneCountInString(name); !utf8.ValidString(name) || n < 1 || n > maxNameRunes || len(name) > replica.MaxName {
		t.Errorf("name %q: %d runes, %d bytes", name, n, len(name))
	}
	if !norm.NFC.IsNormalString(name) {
		t.Errorf("name %q is not in normal form C", name)
	}
	for _, r := range name {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp) {
			t.Errorf("name %q holds %U", name, r)
		}
	}
}
