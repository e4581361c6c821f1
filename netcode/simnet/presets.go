package simnet

import "time"

// Preset is a path with a name. The numbers are ours, chosen to be typical; they are models and not
// measurements of anybody's network, and both directions of a real one differ.
type Preset struct {
	Name       string
	About      string // one line, for people who choose
	Conditions        // of each direction
}

const (
	ms   = time.Millisecond
	us   = time.Microsecond
	mbit = 125_000 // bytes per second
)

var presets = [...]Preset{
	{"none", "a perfect path: nothing added to what is there",
		Conditions{}},
	{"lan", "two machines on one switch: under 1 ms, no loss",
		Conditions{Delay: 200 * us, Jitter: 200 * us}},
	{"fibre", "fibre to a server in the same country: RTT 10 to 12 ms, hardly any loss",
		Conditions{Delay: 5 * ms, Jitter: 1 * ms, Loss: 0.0001}},
	{"cable", "cable or DSL at home, line idle: RTT 24 to 32 ms, 0.1 % loss",
		Conditions{Delay: 12 * ms, Jitter: 4 * ms, Loss: 0.001, Rate: 20 * mbit}},
	{"wifi", "home wifi, neighbours on the channel: jitter 15 ms that reorders (real wifi rather keeps the order), 1 % loss, short bursts",
		Conditions{Delay: 10 * ms, Jitter: 15 * ms, Loss: 0.01, Burst: Burst{0.005, 60 * ms}}},
	{"cafe", "crowded public wifi: jitter 40 ms, 3 % loss, bursts of 150 ms, 4 Mbit/s",
		Conditions{Delay: 20 * ms, Jitter: 40 * ms, Loss: 0.03, Burst: Burst{0.02, 150 * ms}, Rate: 4 * mbit, Queue: 200 * ms}},
	{"4g", "a phone in a town, standing still: RTT 50 to 80 ms, a gap of 150 ms every half minute",
		Conditions{Delay: 25 * ms, Jitter: 15 * ms, Loss: 0.003, Burst: Burst{0.005, 150 * ms}, Rate: 10 * mbit, Queue: 200 * ms}},
	{"3g", "a phone in the country: RTT 120 to 200 ms, gaps of 300 ms, 1 Mbit/s with a long queue",
		Conditions{Delay: 60 * ms, Jitter: 40 * ms, Loss: 0.01, Burst: Burst{0.01, 300 * ms}, Rate: 1 * mbit, Queue: 500 * ms}},
	{"transatlantic", "London to New York by cable: RTT 75 to 81 ms, 0.1 % loss",
		Conditions{Delay: 37500 * us, Jitter: 3 * ms, Loss: 0.001}},
	{"transpacific", "Sydney to Los Angeles by cable: RTT 150 to 160 ms, 0.3 % loss",
		Conditions{Delay: 75 * ms, Jitter: 5 * ms, Loss: 0.003}},
	{"leo", "low satellites: RTT 40 to 64 ms, gaps of 100 ms when the satellite changes (here at random)",
		Conditions{Delay: 20 * ms, Jitter: 12 * ms, Loss: 0.003, Burst: Burst{0.005, 100 * ms}, Rate: 20 * mbit}},
	{"satellite", "a geostationary satellite: RTT 560 to 600 ms, which nothing hides",
		Conditions{Delay: 280 * ms, Jitter: 20 * ms, Loss: 0.005, Rate: 5 * mbit, Queue: 300 * ms}},
	{"bloat", "somebody uploads on the same line: the queue of a second is seen only by what we send ourselves, at 256 kbit/s",
		Conditions{Delay: 12 * ms, Jitter: 4 * ms, Rate: 32_000, Queue: time.Second}},
	{"jitter30", "laboratory: 25 ms and up to 30 ms of jitter, no loss",
		Conditions{Delay: 25 * ms, Jitter: 30 * ms}},
	{"loss2", "laboratory: 25 ms, 2 % independent loss",
		Conditions{Delay: 25 * ms, Loss: 0.02}},
	{"loss5", "laboratory: 25 ms, 5 % independent loss",
		Conditions{Delay: 25 * ms, Loss: 0.05}},
	{"loss20", "laboratory: 25 ms, 20 % independent loss",
		Conditions{Delay: 25 * ms, Loss: 0.2}},
	{"burst10", "laboratory: 25 ms, nothing comes through for 10 % of the time, 100 ms a piece",
		Conditions{Delay: 25 * ms, Burst: Burst{0.1, 100 * ms}}},
	{"chaos", "laboratory: everything at once, as no network is: for tests",
		Conditions{Delay: 40 * ms, Jitter: 30 * ms, Loss: 0.1, Burst: Burst{0.05, 200 * ms},
			Duplicate: 0.05, Reorder: 0.05, ReorderBy: 60 * ms, Corrupt: 0.01}},
}

// Presets returns all presets, mild ones first.
func Presets() []Preset { return append([]Preset(nil), presets[:]...) }

func preset(name string) (Conditions, bool) {
	for i := range presets {
		if presets[i].Name == name {
			return presets[i].Conditions, true
		}
	}
	return Conditions{}, false
}

func presetNames() []string {
	names := make([]string, len(presets))
	for i := range presets {
		names[i] = presets[i].Name
	}
	return names
}
