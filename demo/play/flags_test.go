package main

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/halftick/halftick/netcode"
)

func TestParse(t *testing.T) {
	opt, err := parse(strings.Fields("-connect 10.0.0.7:7777 -name Ada -transport tcp -net delay=26ms,loss=5% -auto -screenshot a.png -size 960x540"))
	if err != nil {
		t.Fatal(err)
	}
	m := opt.match
	if m.Connect != "10.0.0.7:7777" || m.Name != "Ada" || m.Transport != netcode.OnlyTCP || !m.Auto {
		t.Errorf("match options %+v", m)
	}
	if m.Up.Delay != 26*time.Millisecond || m.Up.Loss != 0.05 || m.Down != m.Up || opt.preset != -1 {
		t.Errorf("conditions up %v, down %v, preset %d", m.Up, m.Down, opt.preset)
	}
	if opt.after != shotAfter || opt.width != 960 || opt.height != 540 {
		t.Errorf("after %v, size %dx%d", opt.after, opt.width, opt.height)
	}
	if opt, err = parse([]string{"-net", "wifi"}); err != nil || presets()[opt.preset] != "wifi" {
		t.Errorf("-net wifi: preset %d, %v", opt.preset, err)
	}
}

// A server is remembered in the file that was named, and forgotten when that is asked for.
func TestRemember(t *testing.T) {
	file := filepath.Join(t.TempDir(), "known")
	line := "10.0.0.7:7777 " + strings.Repeat("ab", 32) + " udp 2026-11-26T19:30:37Z\n"
	if err := os.WriteFile(file, []byte(line+"nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, known := range map[string]bool{"": true, " -forget": false, " -known none": false} {
		opt, err := parse(strings.Fields("-connect 10.0.0.7:7777 -known " + file + args))
		if err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		if err := opt.remember(&said); err != nil {
			t.Errorf("%q: %v", args, err)
		}
		if _, ok := opt.match.Known.Of("10.0.0.7:7777"); ok != known {
			t.Errorf("%q: known is %v", args, ok)
		}
		if warned := strings.Contains(said.String(), "nonsense"); warned != (opt.match.Known != nil) {
			t.Errorf("%q: said %q", args, said.String())
		}
		if err := os.WriteFile(file, []byte(line+"nonsense\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Whoever gives no name is "you" at home only: elsewhere everybody would be.
func TestNameWithoutFlag(t *testing.T) {
	for args, want := range map[string]string{"": "you", "-connect 10.0.0.7:7777": "", "-name Ada": "Ada"} {
		if opt, err := parse(strings.Fields(args)); err != nil || opt.match.Name != want {
			t.Errorf("%q: name %q, %v; want %q", args, opt.match.Name, err, want)
		}
	}
}

// A wrong flag is refused in one line that names it.
func TestParseRefuses(t *testing.T) {
	for _, args := range []string{
		"-bots -1", "-bots 100000", "-bots x", "-transport pigeon", "-net delay=soon", "-net nowhere", "-size 10x10", "-size wide",
		"-size 1280x720x3", "-connect nowhere", "-lan -connect 10.0.0.7:7777", "-connect :0", "-connect host:99999", "-screenshot a.png -headless",
		"-after -1s", "-nonsense", "surplus",
	} {
		_, err := parse(strings.Fields(args))
		if err == nil {
			t.Errorf("%s: accepted", args)
			continue
		}
		name := strings.TrimPrefix(strings.Fields(args)[0], "-")
		if msg := err.Error(); !strings.Contains(msg, name) || strings.Contains(msg, "\n") {
			t.Errorf("%s: %q: want one line that names it", args, msg)
		}
	}
}

func TestHelpTeaches(t *testing.T) {
	opt, err := parse([]string{"-h"})
	if !errors.Is(err, flag.ErrHelp) {
		t.Fatalf("-h: %v", err)
	}
	for _, want := range []string{"-connect", "-screenshot", "-net", "Examples:", "transatlantic", "WASD"} {
		if !strings.Contains(opt.usage, want) {
			t.Errorf("the help does not mention %s", want)
		}
	}
}
