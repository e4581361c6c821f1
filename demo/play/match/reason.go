package match

import (
	"errors"
	"fmt"
	"strings"

	"github.com/halftick/halftick/client"
	"github.com/halftick/halftick/netcode"
	"github.com/halftick/halftick/netcode/session"
)

// plain words for a player why a session ended or never began.
func plain(err error) string {
	var why *session.CloseError
	var dial *netcode.DialError
	var changed *netcode.KeyChangedError
	switch {
	case errors.As(err, &changed):
		return fmt.Sprintf("this is not the server of %s: its key is now %x... If its operator says so: play -forget",
			changed.Known.At.Format("2 January"), changed.Now[:4])
	case errors.Is(err, client.ErrFull):
		return "the server is full"
	case errors.As(err, &dial) || !errors.As(err, &why):
	case why.Code == session.CloseTimeout:
		return "the server has stopped answering"
	case why.Code == session.CloseShutdown && why.Remote:
		return "the server was stopped"
	case why.Code == session.CloseKicked && why.Remote:
		return fmt.Sprintf("the server ended it: %q", why.Reason)
	}
	return strings.TrimPrefix(err.Error(), "client: ")
}
