package server

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/session"
	"github.com/halftick/halftick/netcode/sim"
)

// A frozen room is a file of its own, its name and frozenRoomSuffix:
//
//	magic, length 4, checksum 4: as of a frozen match
//	name      length 1, bytes
//	code      6
//	flags     1   bit 0 hidden, bit 1 brief
//	players   1   the most
//	match         see frozenMagic: what follows its checksum
const (
	frozenRoomMagic  = "halftick frozen room 1\n"
	frozenRoomSuffix = ".room"
)

// frozenRoom is a room that was read.
type frozenRoom struct {
	name, code string
	cfg        RoomConfig
	match      *frozen
}

// Freeze ends the ticks of all rooms and writes each into directory dir, which is made when needed, as NAME.room, to be taken up by ThawHall: see Server.Freeze. Run
// returns, and tells the clients that the server comes back. It waits for the ticks that are being computed, 1.5 s at most. The error names the rooms
// that were not kept, because they are stuck, not made yet, or could not be written; they end all the same. It is ErrFrozen after another Freeze or
// the end of Run. It may be called from any goroutine but the game's; without Run, from the one that calls Tick.
func (h *Hall[W, I]) Freeze(dir string) error {
	h.mu.Lock()
	again := h.stopping
	h.stopping = true
	h.mu.Unlock()
	if again {
		return ErrFrozen
	}
	err := h.stop()
	if made := os.MkdirAll(dir, 0o700); made != nil {
		err = errors.Join(err, made)
	}
	for _, r := range h.Rooms() {
		if kept := r.keep(dir); kept != nil {
			err = errors.Join(err, fmt.Errorf("server: room %s is not kept: %w", r.name, kept))
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.frozen = true
	return err
}

// Frozen reports whether Freeze has ended the ticks.
func (h *Hall[W, I]) Frozen() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.frozen
}

// keep writes a room whose goroutine has ended, or never was.
func (r *Room[W, I]) keep(dir string) error {
	s := r.server.Load()
	switch {
	case s == nil:
		return errors.New("it is not made yet")
	case r.busy.Load() != 0:
		return errors.New("it is stuck in a tick")
	}
	f, err := s.halt()
	if err != nil {
		return err
	}
	body := append([]byte{byte(len(r.name))}, r.name...)
	body = append(append(body, r.code...), flag(r.cfg.Hidden)|flag(r.cfg.Brief)<<1, byte(r.cfg.MaxPlayers))
	path := filepath.Join(dir, r.name+frozenRoomSuffix)
	if err := os.WriteFile(path+".part", seal(frozenRoomMagic, f.append(body)), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

// halt ends the ticks and returns the match.
func (s *Server[W, I]) halt() (*frozen, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed != nil {
		return nil, s.failed
	}
	s.frozen = true
	return s.freeze(), nil
}

// ThawHall returns a Hall that goes on with the rooms that Freeze has written into dir; one that is not there holds none. They have their names and codes, and what
// their RoomConfig said, but for Record: HallConfig.RecordRooms opens a new replay, which begins with the thawed world. Thaw says what becomes of world, players and bots. HallConfig.Furnish prepares them as it does
// others: there it is that bots get their minds back, by Rethink. The errors are those of NewHall, Open and Thaw, with the file's name. The files stay:
// remove them before Run, so that no match goes on twice.
func ThawHall[W, I any](g *sim.Game[W, I], cfg HallConfig[W, I], dir string) (*Hall[W, I], error) {
	all, err := readFrozenRooms(dir)
	if err != nil {
		return nil, err
	}
	var former []session.Former
	for i := range all {
		former = append(former, all[i].match.former()...)
	}
	h, err := openHall(g, cfg, former[:min(len(former), maxFormer)])
	if err != nil {
		return nil, err
	}
	for i := range all {
		f := &all[i]
		if err := h.thaw(f); err != nil {
			return nil, fmt.Errorf("%s%s: %w", f.name, frozenRoomSuffix, err)
		}
	}
	return h, nil
}

// thaw opens a room that was frozen, and knows its sessions again.
func (h *Hall[W, I]) thaw(f *frozenRoom) error {
	h.mu.Lock()
	r, err := h.enrol(f.name, f.code, f.cfg)
	h.mu.Unlock()
	if err != nil {
		return err
	}
	r.ice = f.match
	if err := r.build(); err != nil {
		return err
	}
	r.ice = nil
	for _, s := range f.match.former() {
		h.stays[s.ID] = &stay[W, I]{room: r, user: s.User, until: fromNow}
	}
	return nil
}

// readFrozenRooms reads the rooms of a directory.
func readFrozenRooms(dir string) (all []frozenRoom, err error) {
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), frozenRoomSuffix) {
			continue
		}
		f, err := openFrozenRoom(filepath.Join(dir, file.Name()))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file.Name(), err)
		}
		all = append(all, f)
	}
	return all, nil
}

func openFrozenRoom(path string) (f frozenRoom, err error) {
	file, err := os.Open(path)
	if err != nil {
		return f, err
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, maxFrozen+1))
	if err != nil {
		return f, err
	}
	return readFrozenRoom(b)
}

// readFrozenRoom reads what keep wrote.
func readFrozenRoom(b []byte) (f frozenRoom, err error) {
	body, err := unseal(frozenRoomMagic, b)
	if err != nil {
		return f, err
	}
	r := thawReader{b: body}
	f.name = r.text(replica.MaxRoom, "name of a room")
	f.code = string(r.take(codeLength, "code of a room"))
	flags := r.take(1, "kind of room")[0]
	f.cfg = RoomConfig{Hidden: flags&1 != 0, Brief: flags&2 != 0, MaxPlayers: int(r.take(1, "most players")[0])}
	if !goodRoomName(f.name) || !goodCode(f.code) {
		r.fail("a name or code that no room has")
	}
	f.match = r.frozen()
	if r.bad != "" {
		return f, fmt.Errorf("%w: %s", ErrDamaged, r.bad)
	}
	return f, nil
}
