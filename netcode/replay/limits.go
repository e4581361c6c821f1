package replay

import "time"

// Every container that a file can fill has its cap here, together with what happens when the cap is reached.
const (
	// maxBlock is the largest block in bytes. The recorder ends a block of ticks early; a keyframe that is larger, of a world of
	// some 100,000 fields, ends the recording. A reader takes what claims to be larger for the torn end of the file.
	maxBlock = 8 << 20

	// blockTime is how much of a match a block of ticks holds at most: what a crash may cost.
	blockTime = time.Second
	// blockBytes ends a block early.
	blockBytes = 1 << 20

	// keyTime is the time between two keyframes: what a seek has to go through at most.
	keyTime = 10 * time.Second

	// queueBytes is how much may wait for the disk. What does not fit is left out, and counted.
	queueBytes = 4 << 20

	// maxIndex is the number of blocks of one file: 12 days of play. More are not read.
	maxIndex = 1 << 20

	// maxPlayers and maxEvents bound what one tick may hold in a file that anybody may have written; a block with more is refused, and
	// of more events the recorder keeps the first.
	maxPlayers = 255
	maxEvents  = 4096
)
