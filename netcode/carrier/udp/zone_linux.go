package udp

import (
	"net"
	"strconv"
	"sync"
)

// zones translates between the names and numbers of the interfaces that link-local addresses are on. The system is
// asked once for each. The zero value is ready to use.
type zones struct {
	mu      sync.Mutex
	names   map[uint32]string
	indexes map[string]uint32
}

// maxZones is how many interfaces are remembered; with one more all are asked for again.
const maxZones = 64

// name returns the name of an interface, or its number where it has none.
func (z *zones) name(index uint32) string {
	z.mu.Lock()
	defer z.mu.Unlock()
	if name, ok := z.names[index]; ok {
		return name
	}
	name := strconv.FormatUint(uint64(index), 10)
	if i, err := net.InterfaceByIndex(int(index)); err == nil {
		name = i.Name
	}
	z.remember(index, name)
	return name
}

// index returns the number of an interface, 0 where there is none.
func (z *zones) index(name string) uint32 {
	z.mu.Lock()
	defer z.mu.Unlock()
	if index, ok := z.indexes[name]; ok {
		return index
	}
	var index uint32
	if i, err := net.InterfaceByName(name); err == nil {
		index = uint32(i.Index)
	} else if n, err := strconv.ParseUint(name, 10, 32); err == nil {
		index = uint32(n)
	}
	z.remember(index, name)
	return index
}

func (z *zones) remember(index uint32, name string) {
	if z.names == nil || len(z.indexes) >= maxZones {
		z.names, z.indexes = make(map[uint32]string), make(map[string]uint32)
	}
	z.names[index], z.indexes[name] = name, index
}
