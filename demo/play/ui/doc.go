// Package ui is the part of the window that can be reasoned about without one: rectangles and the
// layout of the screen, the map between world and screen, chart series, the panel's rows and what a
// key or the mouse does to them, and the feed of kills and chat.
//
// It draws nothing, reads no clock and imports no graphics, so its tests need no display. Lengths are
// logical units: 1/960 of the smallest window's width; package main scales them to pixels.
// Nothing here is safe for concurrent use.
package ui
