package match

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"

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
	case errors.As(err, &dial):
		return plainDial(dial)
	case !errors.As(err, &why):
	case why.Code == session.CloseTimeout:
		return "the server has stopped answering"
	case why.Code == session.CloseRestarted:
		return "the server was started again"
	case why.Code == session.CloseShutdown && why.Remote:
		return "the server was stopped"
	case why.Code == session.CloseKicked && why.Remote:
		return fmt.Sprintf("the server ended it: %q", why.Reason)
	}
	return strings.TrimPrefix(err.Error(), "client: ")
}

// plainDial says what each carrier met, those that met the same together.
func plainDial(e *netcode.DialError) string {
	var said, by []string
	for _, a := range e.Attempts {
		met := "no answer"
		var why *session.CloseError
		switch {
		case a.Err == nil:
		case errors.Is(a.Err, syscall.ECONNREFUSED):
			met = "no server there"
		case errors.As(a.Err, &why) && why.Code != session.CloseNoAnswer:
			return a.Err.Error() // it has answered
		case why == nil:
			met = a.Err.Error()
		}
		carrier := strings.ToUpper(a.Path.Carrier.String())
		if i := slices.Index(said, met); i < 0 {
			said, by = append(said, met), append(by, carrier)
		} else if !strings.Contains(by[i], carrier) {
			by[i] += " and " + carrier
		}
	}
	if len(said) == 0 {
		return e.Error()
	}
	for i := range said {
		said[i] += " over " + by[i]
	}
	return strings.Join(said, ", ")
}
