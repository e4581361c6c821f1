package session

import "fmt"

// DropReason names why a datagram, or a part of one, was thrown away.
type DropReason uint8

// The reasons. Nothing is dropped without one of them being counted.
const (
	DropShort        DropReason = iota // too short to be anything
	DropType                           // an unknown first byte
	DropNoSession                      // for a session that does not exist
	DropDamaged                        // the record was not sealed by the peer, or altered
	DropDuplicate                      // the packet number was seen before
	DropStale                          // the packet number is older than the replay window
	DropMalformed                      // the frames do not parse
	DropWindow                         // a reliable message beyond the window
	DropBacklog                        // the application has not taken its events
	DropBadInit                        // an INIT of the wrong size or shape
	DropBadAccept                      // an ACCEPT or a REFUSE for no dial of ours
	DropBadTicket                      // a CONFIRM whose ticket is forged, old or for another address
	DropNotListening                   // a handshake at an endpoint that does not accept
	DropReplies                        // too many handshake replies waiting
	DropRefused                        // a handshake that was answered with a refusal
	DropPartial                        // an unreliable message that was never completed
	DropOversize                       // larger than MaxRecordSize
	DropVersion                        // an INIT of another protocol version
	DropNoCookie                       // an INIT under load without a valid cookie; it is asked for
	DropRate                           // a handshake or query beyond the rate of its address, or of all together
	DropHandshakes                     // an INIT for which the queue of handshakes has no place
	DropFull                           // a CONFIRM for which there is no session left; it is told so
	DropSpent                          // a CONFIRM whose ticket or token was used; it is told so
	DropSpentFull                      // a CONFIRM when no more used tickets can be remembered
	numDropReasons
)

var dropNames = [numDropReasons]string{"short", "type", "no_session", "damaged", "duplicate", "stale", "malformed", "window",
	"backlog", "bad_init", "bad_accept", "bad_ticket", "not_listening", "replies", "refused", "partial", "oversize",
	"version", "no_cookie", "rate", "handshakes", "full", "spent", "spent_full"}

func (d DropReason) String() string {
	if d < numDropReasons {
		return dropNames[d]
	}
	return fmt.Sprintf("DropReason(%d)", uint8(d))
}

// Drops counts what was dropped, by reason.
type Drops [numDropReasons]uint64

// Total returns the sum over all reasons.
func (d *Drops) Total() (n uint64) {
	for _, v := range d {
		n += v
	}
	return n
}
