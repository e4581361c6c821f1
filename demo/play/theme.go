package main

import "image/color"

// The palette: a dark blue-grey ground, few accents. Accents and players' colours are those of Okabe and
// Ito, which people with any kind of colour blindness can tell apart, lightened where the ground needs it.
var (
	colGround = rgb(0x0b0e15) // behind everything
	colPanel  = rgb(0x131926)
	colRaised = rgb(0x1b2334) // a row or a track on a panel
	colLine   = rgb(0x2a3448)
	colText   = rgb(0xe3e8f2)
	colDim    = rgb(0x9aa6bd) // labels; still 7:1 against colPanel
	colAccent = rgb(0x56b4e9)
	colGood   = rgb(0x2fc29a)
	colWarn   = rgb(0xf0a53c)
	colBad    = rgb(0xff7a59)
	colTruth  = rgb(0xf0e442) // ghosts: what the server says
	colPast   = rgb(0xd891c4) // ghosts: what the server rewound to
	colWhite  = rgb(0xffffff)
	colBlack  = rgb(0x000000)
)

// playerColors are indexed by Player.Color.
var playerColors = [8]tint{
	rgb(0x56b4e9), // sky
	rgb(0xe69f00), // orange
	rgb(0x1fb58a), // green
	rgb(0xe08cc0), // pink
	rgb(0xf0e442), // yellow
	rgb(0xf2673a), // vermilion
	rgb(0x7f8cff), // blue
	rgb(0xd0d5de), // grey
}

// tint is a colour with straight alpha, each part 0 to 1.
type tint struct{ R, G, B, A float32 }

func rgb(hex uint32) tint {
	return tint{float32(hex>>16&255) / 255, float32(hex>>8&255) / 255, float32(hex&255) / 255, 1}
}

// fade returns the colour with its alpha multiplied by a.
func (t tint) fade(a float32) tint { t.A *= a; return t }

// mix returns the colour k (0 to 1) of the way to o.
func (t tint) mix(o tint, k float32) tint {
	return tint{t.R + (o.R-t.R)*k, t.G + (o.G-t.G)*k, t.B + (o.B-t.B)*k, t.A + (o.A-t.A)*k}
}

// rgba converts to the form that images are made of.
func (t tint) rgba() color.RGBA {
	c := func(v float32) uint8 { return uint8(max(0, min(1, v*t.A))*255 + 0.5) }
	return color.RGBA{c(t.R), c(t.G), c(t.B), c(1)}
}

func playerTint(c uint8) tint { return playerColors[c%uint8(len(playerColors))] }
