// Package replay keeps whole matches in files, and plays them.
//
//	file, err := replay.Create("match.replay")            // on the server
//	s, err := server.New(game, server.Config{Record: file})
//
//	m, err := replay.Open(game, f, size)                   // to watch
//	p, err := m.Play()
//	p.Seek(m.First() + 600)
//	p.Advance(frameTime)                                   // p.Speed = 0.25: slow; 0: still
//	world := p.View()
//
//	report, err := m.Verify(ctx)                           // to prove: every tick is computed again
//
// # What is in a file
//
// A match is what every player was shown and what every player did: the world of each tick as a delta against the two ticks before, the inputs
// that were executed and the events that happened. Each ten seconds there is a whole world with its server fields, from which
// playing can begin and from which ticks are computed again.
//
//	head | keyframe | ticks | ticks | ... | keyframe | ticks | ...
//
// Every block has its length and a checksum in front, so that a file is readable up to the last block that was written whole: what a
// crash tears off is at most a second. See block.go.
//
// A server never waits for a disk: what cannot be written in time is left out, counted, and the file goes on with a keyframe (see File).
//
// # Reading order
//
// block.go (the file), head.go, frame.go (a tick), recorder.go, file.go (disks), match.go (opening), playback.go, events.go, verify.go, limits.go.
//
// A Recorder, a Match and a Playback belong to one goroutine each; File may be written by one and closed by another.
package replay
