package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/server"
)

// TestOperatingNamesEveryMetric: docs/operating.md explains each metric, and none that does not exist.
func TestOperatingNamesEveryMetric(t *testing.T) {
	text, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "## Every metric")
	table, _, _ = strings.Cut(table, "\n## ")
	documented := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| (`[^|]*) \\|").FindAllStringSubmatch(table, -1) {
		for _, name := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(row[1], -1) {
			documented[name[1]] = true
		}
	}
	for _, c := range []prometheus.Collector{newCollector("", func() server.Stats { return server.Stats{} }), newRoomsCollector("", nil)} {
		descs := make(chan *prometheus.Desc, 100)
		c.Describe(descs)
		close(descs)
		for d := range descs {
			name := regexp.MustCompile(`fqName: "halftick_([a-z_]+)"`).FindStringSubmatch(d.String())[1]
			if _, ok := documented[name]; !ok {
				t.Errorf("halftick_%s is not in docs/operating.md", name)
			}
			documented[name] = false
		}
	}
	for name, missing := range documented {
		if missing {
			t.Errorf("docs/operating.md has halftick_%s, which does not exist", name)
		}
	}
}

// TestOperatingAlertsExist: each reason and metric that an alert asks for is one that is counted.
func TestOperatingAlertsExist(t *testing.T) {
	text, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[string]bool{}
	for r := session.DropReason(0); int(r) < len(session.Drops{}); r++ {
		reasons[r.String()] = true
	}
	for _, reason := range []string{"no_cookie", "rate", "handshakes", "bad_init", "damaged"} {
		if !reasons[reason] || !strings.Contains(string(text), "`"+reason+"`") {
			t.Errorf("%s is counted: %v", reason, reasons[reason])
		}
	}
	known := map[string]bool{}
	descs := make(chan *prometheus.Desc, 100)
	newRoomsCollector("", nil).Describe(descs)
	newCollector("", func() server.Stats { return server.Stats{} }).Describe(descs)
	close(descs)
	for d := range descs {
		known[regexp.MustCompile(`fqName: "(halftick_[a-z_]+)"`).FindStringSubmatch(d.String())[1]] = true
	}
	for _, name := range regexp.MustCompile(`halftick_[a-z_]+[a-z]`).FindAllString(string(text), -1) {
		if !known[name] {
			t.Errorf("%s does not exist", name)
		}
	}
}
