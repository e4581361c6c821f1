package main

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// Many matches in one process: the banner and the metrics name them, and they stop in time.
func TestRoomsProcess(t *testing.T) {
	p := start(t, "-listen", "127.0.0.1:0", "-admin", "127.0.0.1:0", "-rooms", "3", "-bots", "2", "-max-players", "8")
	p.find(`(rooms  arena-1 to arena-3, up to 8 players)`)
	url := p.find(`(http://127.0.0.1:\d+)`)
	if code, body := get(t, url+"/livez"); code != 200 {
		t.Errorf("/livez answers %d: %s", code, body)
	}
	code, body := get(t, url+"/metrics")
	for _, line := range []string{`halftick_rooms{state="open"} 3`, `halftick_rooms{state="stuck"} 0`, `halftick_rooms_total{fate="opened"} 3`,
		`halftick_room_players{room="arena-3"} `, `halftick_room_tick_seconds{quantile="0.99",room="arena-1"} `, `halftick_snapshots_total{fate="sent"} 0`, `halftick_snapshot_bytes_total 0`,
		`halftick_recorded_bytes_total 0`, `halftick_packets_total{direction="in"} 0`} {
		if code != 200 || !strings.Contains(body, "\n"+line) {
			t.Errorf("/metrics answers %d without %s", code, line)
		}
	}
	for end := time.Now().Add(patience); !strings.Contains(body, "\nhalftick_joins_total 6\n"); _, body = get(t, url+"/metrics") { // three rooms' bots together
		if time.Now().After(end) {
			t.Fatal("the bots of all rooms are not counted as joined")
		}
	}
	if code, took := p.stop(syscall.SIGTERM); code != 0 || took > stopWithin {
		t.Errorf("it exited with %d after %v:\n%s", code, took, &p.stderr)
	}
}
