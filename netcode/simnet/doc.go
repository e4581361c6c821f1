// Package simnet is a bad network on demand: seeded, exact and repeatable.
//
// Conditions describe one direction of a path. A Shaper decides by them what becomes of each datagram;
// it is pure, time is an argument. Around it stand
//
//   - Net, a whole network in virtual time, in which minutes of play pass in milliseconds: for tests;
//   - Impaired, which puts conditions in front of a real datagram socket, in real time: for demos
//     and tools;
//   - ImpairConn, the same for a stream.
//
// The fate of the n-th datagram of a direction depends on the seed and on what was sent before in
// that direction, and on nothing else: not on other directions, on the map order or on the machine.
//
// Reading order: conditions.go and parse.go (what can go wrong), shaper.go with bottleneck.go and
// weather.go (how it does), net.go (virtual time), line.go and impaired.go (real time), stream.go
// with lane.go (real time, in order).
package simnet
