//go:build linux

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/halftick/halftick/netcode/bench/peer"
	"github.com/halftick/halftick/netcode/bench/report"
)

// A plot is a picture of one stream's latencies over one link, a curve for each peer.
type plot struct {
	file, title string
	link        string
	stream      int
}

// draw writes the plots of a workload to images/ beside the document.
func draw(w workload, cells []ran, document string) error {
	dir := filepath.Join(filepath.Dir(document), "images")
	for _, p := range w.plots {
		var curves []report.Curve
		for _, g := range groups(cells) {
			if g.link != p.link || len(g.runs) == 0 {
				continue
			}
			ours := strings.HasPrefix(g.peer, "halftick")
			c := report.Curve{Name: g.peer, Colour: slices.IndexFunc(peer.All(), func(r peer.Row) bool { return r.Name == g.peer }), Values: g.pooled(p.stream), Bold: ours, Dashed: ours && g.peer != "halftick"}
			for _, r := range g.runs {
				c.Of += r.Up[p.stream].Sent
			}
			curves = append(curves, c)
		}
		if len(curves) == 0 {
			continue
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, p.file+".svg"), []byte(report.Plot(p.title, "added latency, ms", curves)), 0o644); err != nil {
			return err
		}
	}
	return nil
}
