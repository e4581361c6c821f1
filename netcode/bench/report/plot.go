package report

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

// Curve is the latencies of one peer.
type Curve struct {
	Name   string
	Colour int       // of the palette; a peer has the same in all plots
	Values []float64 // milliseconds, of what arrived
	Of     int       // how many were sent
	Bold   bool
	Dashed bool
}

// Sizes of a plot, in pixels.
const (
	width, height   = 960, 540
	left, right     = 112, 190 // margins; the legend is in the right one
	top, bottom     = 64, 64
	innerW, innerH  = width - left - right, height - top - bottom
	leastMs, mostMs = 0.1, 10_000.0
	leastTail       = 0.0005 // the lowest share of the axis
	pointsADecade   = 40
)

// palette is told apart by most eyes, also in grey.
var palette = []string{"#d81b60", "#1e88e5", "#ef8a00", "#004d40", "#8e24aa", "#7cb342", "#5d4037", "#546e7a", "#00acc1", "#c0a000", "#37474f", "#ff7043"}

// Plot draws, for each curve, which share of the messages came later than a time. Both axes are logarithmic, so that
// the tail is as legible as the middle. What never came is later than any time.
func Plot(title, axis string, curves []Curve) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="14" fill="#222">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/>`+"\n", width, height)
	fmt.Fprintf(&b, `<text x="%d" y="30" font-size="19" font-weight="bold">%s</text>`+"\n", left, html.EscapeString(title))
	fmt.Fprintf(&b, `<text x="%d" y="50" fill="#555">share of messages that came later; lower and further left is better</text>`+"\n", left)
	grid(&b, axis)
	for i, c := range slices.Backward(curves) { // the first ones on top
		curve(&b, c, palette[c.Colour%len(palette)], i)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// x and y return where a latency and a share are drawn.
func x(ms float64) float64 {
	ms = min(max(ms, leastMs), mostMs)
	return left + innerW*math.Log10(ms/leastMs)/math.Log10(mostMs/leastMs)
}

func y(share float64) float64 {
	share = min(max(share, leastTail), 1)
	return top + innerH*math.Log10(share)/math.Log10(leastTail)
}

// grid draws the axes with their names and units.
func grid(b *strings.Builder, axis string) {
	line := func(x1, y1, x2, y2 float64, colour string) {
		fmt.Fprintf(b, `<path d="M%.1f %.1fL%.1f %.1f" stroke="%s"/>`+"\n", x1, y1, x2, y2, colour)
	}
	for decade := leastMs; decade < mostMs*1.01; decade *= 10 {
		for m := 1.0; m < 10 && decade*m <= mostMs*1.01; m++ {
			colour := "#eee"
			if m == 1 {
				colour = "#bbb"
				fmt.Fprintf(b, `<text x="%.1f" y="%d" text-anchor="middle">%g</text>`+"\n", x(decade), height-bottom+20, math.Round(decade*10)/10)
			}
			line(x(decade*m), top, x(decade*m), height-bottom, colour)
		}
	}
	for _, share := range []float64{1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001} {
		line(left, y(share), width-right, y(share), "#ddd")
		note := ""
		switch share {
		case 0.5:
			note = "p50 "
		case 0.1:
			note = "p90 "
		case 0.01:
			note = "p99 "
		case 0.001:
			note = "p99.9 "
		}
		fmt.Fprintf(b, `<text x="%d" y="%.1f" text-anchor="end">%s%g %%</text>`+"\n", left-6, y(share)+5, note, share*100)
	}
	fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="%d" fill="none" stroke="#222"/>`+"\n", left, top, innerW, innerH)
	fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", left+innerW/2, height-16, html.EscapeString(axis))
}

// curve draws the i-th curve and its line of the legend.
func curve(b *strings.Builder, c Curve, colour string, i int) {
	style := fmt.Sprintf(`fill="none" stroke="%s" stroke-width="%s" stroke-linejoin="round"`, colour, map[bool]string{true: "3.5", false: "1.8"}[c.Bold])
	if c.Dashed {
		style += ` stroke-dasharray="7 4"`
	}
	fmt.Fprintf(b, `<path d="%s" %s/>`+"\n", tail(c), style)
	ly := top + 10 + 24*i
	fmt.Fprintf(b, `<path d="M%d %dh34" %s/>`+"\n", width-right+14, ly, style)
	weight := "normal"
	if c.Bold {
		weight = "bold"
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" font-weight="%s">%s</text>`+"\n", width-right+56, ly+5, weight, html.EscapeString(c.Name))
}

// tail returns the path of a curve.
func tail(c Curve) string {
	s := slices.Sorted(slices.Values(c.Values))
	if len(s) == 0 || c.Of == 0 {
		return ""
	}
	var b strings.Builder
	step := math.Pow(10, -1.0/pointsADecade)
	for share := 1.0; share >= leastTail; share *= step {
		rank := c.Of - int(math.Round(share*float64(c.Of)))
		if rank >= len(s) {
			break
		}
		cmd := "L"
		if b.Len() == 0 {
			cmd = "M"
		}
		fmt.Fprintf(&b, "%s%.1f %.1f", cmd, x(s[rank]), y(share))
	}
	return b.String()
}
