package arena

import "github.com/halftick/halftick/netcode/sim"

// halfNodes are places to walk between, for one half of the level; the other half is its image.
var halfNodes = [...]sim.Vec2{
	{X: 70, Y: 60}, {X: 250, Y: 70}, {X: 70, Y: 270}, {X: 170, Y: 270}, {X: 70, Y: 480}, {X: 250, Y: 350},
	{X: 255, Y: 210}, {X: 312, Y: 210}, {X: 375, Y: 210}, // through the left doorway
	{X: 250, Y: 495}, {X: 312, Y: 495}, {X: 375, Y: 495}, // through the passage below it
	{X: 390, Y: 60}, {X: 390, Y: 360}, {X: 480, Y: 180},
}

const nodeCount = 2 * len(halfNodes)

// clearance is what an edge between two nodes keeps from walls: a player's radius and a little.
const clearance = PlayerRadius + 4

// nodes are all places to walk between, nextNode[a][b] the neighbour of a on the shortest way to b.
// Neither is ever changed.
var (
	nodes    = allNodes()
	nextNode = allRoutes()
)

func allNodes() (all [nodeCount]sim.Vec2) {
	for i, n := range halfNodes {
		all[i] = n
		all[len(halfNodes)+i] = sim.V(Width-n.X, Height-n.Y)
	}
	return all
}

// allRoutes finds all shortest ways (Floyd and Warshall) over the edges that are clear of walls.
func allRoutes() (next [nodeCount][nodeCount]uint8) {
	var dist [nodeCount][nodeCount]float32
	for a := range nodes {
		for b := range nodes {
			next[a][b], dist[a][b] = uint8(b), farAway
			if clear(nodes[a], nodes[b], clearance) {
				dist[a][b] = nodes[a].Sub(nodes[b]).Len()
			}
		}
	}
	for k := range nodes {
		for a := range nodes {
			for b := range nodes {
				if d := dist[a][k] + dist[k][b]; d < dist[a][b] {
					dist[a][b], next[a][b] = d, next[a][k]
				}
			}
		}
	}
	return next
}

// nearestNode returns the nearest node that can be walked to in a straight line, or else the nearest.
func nearestNode(pos sim.Vec2) int {
	best, least := 0, float32(farAway)
	for i, n := range nodes {
		d := n.Sub(pos).Len()
		if !walkable(pos, n) {
			d += Width + Height
		}
		if d < least {
			best, least = i, d
		}
	}
	return best
}

// walkable reports whether a player can walk straight from a to b, perhaps brushing a corner.
func walkable(a, b sim.Vec2) bool { return clear(a, b, PlayerRadius-4) }
