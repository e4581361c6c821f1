package client

import (
	"bytes"
	"testing"

	"github.com/halftick/halftick/netcode/replica"
)

func FuzzTakeResume(f *testing.F) {
	f.Add([]byte{resumeVersion, 0, 7, 7})
	f.Add(append([]byte{resumeVersion, resumeKey}, make([]byte, 132)...))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		ticket, key, err := takeResume(b)
		if err != nil {
			return
		}
		again := []byte{resumeVersion, b[1]}
		if b[1] == resumeKey {
			again = append(again, key[:]...)
		}
		if again = append(again, ticket...); !bytes.Equal(again, b) || len(ticket) == 0 || len(ticket) > replica.MaxTicket {
			t.Fatalf("% x was taken for a ticket of %d bytes", b, len(ticket))
		}
	})
}
