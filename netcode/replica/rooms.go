package replica

// HelloFlags say what else the client wants of the room that it names in its Hello.
type HelloFlags uint8

// The flags.
const (
	OpenRoom   HelloFlags = 1 << iota // when there is no such room, open it
	HiddenRoom                        // and tell of it only to those who know its code or name
	allHello   = 1<<iota - 1
)

// Room tells a client which room it is in: before Welcome, by a server with several.
type Room struct {
	Name string
	Code string // leads to the same room
}

// ListRooms asks which rooms there are. It needs no Hello.
type ListRooms struct{}

// RoomList answers ListRooms, in as many messages as it takes.
type RoomList struct {
	More  bool // another follows
	Rooms []ListedRoom
}

// ListedRoom is what anybody may know of a room.
type ListedRoom struct {
	Name, Code   string
	Players, Max uint8
}

func (m Room) appendTo(dst []byte) []byte {
	return appendText(appendText(append(dst, kindRoom), m.Name, MaxRoom), m.Code, MaxRoomCode)
}

func (ListRooms) appendTo(dst []byte) []byte { return append(dst, kindListRooms) }

func (m RoomList) appendTo(dst []byte) []byte {
	dst = append(dst, kindRoomList, 0)
	if m.More {
		dst[len(dst)-1] = 1
	}
	for _, r := range m.Rooms[:min(len(m.Rooms), RoomsPerList)] {
		dst = appendText(appendText(dst, r.Name, MaxRoom), r.Code, MaxRoomCode)
		dst = append(dst, r.Players, r.Max)
	}
	return dst
}

// hello reads the fields of a Hello. Those of a room are there or not.
func (r *fields) hello() Hello {
	m := Hello{Name: r.text(MaxName)}
	if r.err != nil || len(r.b) == 0 {
		return m
	}
	m.Room, m.Flags = r.text(MaxRoom), HelloFlags(r.bounded(allHello))
	return m
}

// roomList reads rooms up to the end of the message.
func (r *fields) roomList() RoomList {
	m := RoomList{More: r.bounded(1) == 1}
	for r.err == nil && len(r.b) > 0 {
		if len(m.Rooms) == RoomsPerList {
			r.fail(ErrRange)
			break
		}
		m.Rooms = append(m.Rooms, ListedRoom{Name: r.text(MaxRoom), Code: r.text(MaxRoomCode), Players: r.u8(), Max: r.u8()})
	}
	return m
}
