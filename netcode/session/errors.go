package session

import (
	"errors"
	"fmt"
)

// Errors of Send. The session is unharmed by each of them.
var (
	ErrQueueFull = errors.New("session: the channel's queue is full: send less, raise MaxQueue, or wait for acknowledgements")
	ErrTooLarge  = errors.New("session: the message is larger than the channel's MaxMessage")
	ErrNoChannel = errors.New("session: there is no such channel")
	ErrNoKeys    = errors.New("session: only messages of ReliableLatest channels have keys")
	ErrClosed    = errors.New("session: closed")
)

// CloseCode says why a session ended. It travels in the close frame.
type CloseCode uint8

// The reasons that the protocol knows. Applications may use 64 and up.
const (
	CloseNormal    CloseCode = iota // the application is done
	CloseTimeout                    // nothing was heard for IdleTimeout
	CloseProtocol                   // the peer broke the protocol
	CloseShutdown                   // the server is going down
	CloseCarrier                    // the stream the session travelled on ended
	CloseRefused                    // the handshake was refused; see Refusal
	CloseNoAnswer                   // the handshake got no answer
	CloseKicked                     // an operator or the game ended it
	CloseRestarted                  // the server was started again and knows nothing of the session
	CloseReplaced                   // the same user came in again elsewhere
	CloseUnread                     // an application left its messages unread for Config.ReadTimeout
	CloseApp       CloseCode = 64   // first code for applications
)

var closeNames = [...]string{"closed", "timed out", "protocol violation", "server shutting down",
	"connection lost", "refused", "no answer", "kicked", "server restarted", "the same user came in elsewhere", "messages were not read"}

func (c CloseCode) String() string {
	if int(c) < len(closeNames) {
		return closeNames[c]
	}
	return fmt.Sprintf("application code %d", uint8(c))
}

// Refusal says why a server turned a session away.
type Refusal uint8

// The refusals.
const (
	RefusedNot     Refusal = iota
	RefusedFull            // MaxConns sessions are open
	RefusedApp             // another application or other channels
	RefusedSchema          // the same application with another schema
	RefusedVersion         // another protocol version
	RefusedClosing         // the server is shutting down

	RefusedExpired   // the token is too old
	RefusedServer    // the token is for another server
	RefusedDenied    // the token is not valid, or whoever it is for may not come in
	RefusedDuplicate // the token was used already
	RefusedCrowded   // MaxPerNetwork sessions of the client's network are open
	RefusedResume    // the session that was to be resumed has been ended meanwhile; without its ticket the client may come in

	probeAnswered Refusal = 255 // not a refusal: there is no ticket since none was asked for
)

var refusalNames = [...]string{"not refused", "server full", "different application", "different schema", "different protocol version", "server shutting down",
	"the token has expired", "the token is for another server", "not allowed in", "the token was used already",
	"too many sessions from this network", "the session to be resumed is over"}

func (r Refusal) String() string {
	if int(r) < len(refusalNames) {
		return refusalNames[r]
	}
	return fmt.Sprintf("refusal %d", uint8(r))
}

// CloseError is why a session ended. Remote tells who ended it, so that a log line can never confuse the two.
type CloseError struct {
	Code    CloseCode
	Remote  bool   // the peer closed
	Reason  string // the closer's own words; from the peer, so to be treated as text only
	Refusal Refusal
	Local   uint64 // with RefusedSchema and RefusedVersion: ours
	Peer    uint64 // with RefusedSchema and RefusedVersion: the server's

	// About, with RefusedSchema, is how the server describes its schema, if it was asked and answered. Nothing proves it, and it may
	// be any bytes.
	About string

	// Key, with CloseNoAnswer, is the key of whoever does answer at the address, not the one that was dialled. Nothing proves it.
	Key [32]byte
}

func (e *CloseError) Error() string {
	who := "session ended here: "
	if e.Remote {
		who = "session ended by the peer: "
	}
	switch {
	case e.Refusal == RefusedSchema:
		return fmt.Sprintf("session refused: the client's schema is %016x, the server's %016x: run the same version of the game", e.Local, e.Peer)
	case e.Refusal == RefusedVersion:
		return fmt.Sprintf("session refused: the client speaks protocol version %d, the server %d: update the older one", e.Local, e.Peer)
	case e.Refusal == RefusedApp:
		return "session refused: the server runs another application, or one with other channels"
	case e.Refusal != RefusedNot:
		return "session refused: " + e.Refusal.String()
	case e.Code == CloseNoAnswer && e.Key != [32]byte{}:
		return fmt.Sprintf("no answer from the server: whoever is there has another key, %x", e.Key)
	case e.Code == CloseNoAnswer:
		return "no answer from the server"
	case e.Reason != "":
		return who + e.Code.String() + fmt.Sprintf(": %q", e.Reason)
	}
	return who + e.Code.String()
}

// Is makes errors.Is(err, ErrClosed) true for every CloseError.
func (e *CloseError) Is(target error) bool { return target == ErrClosed }
