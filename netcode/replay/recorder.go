package replay

import (
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"github.com/halftick/halftick/netcode/replica"
	"github.com/halftick/halftick/netcode/sim"
	"github.com/halftick/halftick/netcode/wire"
)

// Recorder writes a match, tick by tick. Make one with NewRecorder. In steady state it allocates nothing.
type Recorder[W, I any] struct {
	out    io.Writer
	plan   *replica.Plan[W]
	inputs *replica.Inputs[I]
	states *replica.States[W]
	enc    *replica.Encoder
	head   Head

	keyed  bool // the file can go on with ticks
	sinceK int  // ticks since the keyframe

	first       sim.Tick // of the block being filled
	ticks       int
	frames      []byte
	runs        []byte
	pending     [maxPlayers + 1][]replica.Command[I]
	prev, older *replica.Snapshot
	block       []byte
	delta       []byte
	err         error
	counts      RecorderCounters
}

// RecorderCounters say what became of a recording.
type RecorderCounters struct {
	Ticks uint64 // recorded
	Bytes uint64 // given to the writer
	Gaps  uint64 // times that the writer did not take a block: its ticks are missing
}

// NewRecorder returns a recorder for a match of game g with a seed. Its first bytes are written by the first Tick. Whatever w refuses is left
// out, and the match goes on with a keyframe as soon as it takes one.
func NewRecorder[W, I any](g *sim.Game[W, I], plan *replica.Plan[W], inputs *replica.Inputs[I], seed uint64, w io.Writer) *Recorder[W, I] {
	return &Recorder[W, I]{out: w, plan: plan, inputs: inputs, states: plan.NewStates(), enc: plan.NewEncoder(), head: headOf(g, plan, inputs, seed)}
}

// Tick records a tick: world is as Step and Capture left it, snap what Capture recorded of it. snap is borrowed for two ticks more. Ticks follow
// each other without gaps.
func (r *Recorder[W, I]) Tick(f *Frame[I], world *replica.World[W], snap *replica.Snapshot) {
	if !r.keyed {
		r.prev = snap
		r.keyframe(f.Tick, world)
		return
	}
	if r.ticks == 0 {
		r.first = f.Tick
	}
	r.delta = r.enc.Encode(r.delta[:0], snap, r.prev, r.older)
	r.frames = appendFrame(r.frames, f, r.delta)
	for i := range f.Entries {
		r.command(f.Tick, &f.Entries[i])
	}
	r.prev, r.older = snap, r.prev
	r.ticks++
	r.sinceK++
	r.counts.Ticks++
	perBlock := max(1, int(blockTime*time.Duration(r.head.TickRate)/time.Second))
	if r.ticks >= perBlock || len(r.frames) > blockBytes {
		r.flush(snap)
		if r.sinceK >= int(keyTime/time.Second)*r.head.TickRate || f.Patched {
			r.keyframe(f.Tick, world)
		}
	}
}

// command adds what a player did to its run.
func (r *Recorder[W, I]) command(t sim.Tick, e *Entry[I]) {
	run := r.pending[e.Player]
	if n := len(run); n == replica.MaxCommands || n > 0 && run[n-1].Tick+1 != t {
		r.endRun(e.Player)
		run = r.pending[e.Player]
	}
	r.pending[e.Player] = append(run, replica.Command[I]{Tick: t, View: e.Lag, Input: e.Input})
}

func (r *Recorder[W, I]) endRun(p sim.PlayerID) {
	if len(r.pending[p]) == 0 {
		return
	}
	r.delta = r.inputs.Append(r.delta[:0], replica.SnapshotAck{}, r.pending[p])
	r.runs = append(r.runs, byte(p))
	r.runs = append(wire.AppendVarint(r.runs, uint32(len(r.delta))), r.delta...)
	r.pending[p] = r.pending[p][:0]
}

// flush writes the ticks so far, the last of which led to snap.
func (r *Recorder[W, I]) flush(snap *replica.Snapshot) {
	if r.ticks == 0 {
		return
	}
	for p := range r.pending {
		r.endRun(sim.PlayerID(p))
	}
	b := beginBlock(r.block[:0], kindTicks)
	b = binary.LittleEndian.AppendUint32(b, uint32(r.first))
	b = binary.LittleEndian.AppendUint16(b, uint16(r.ticks))
	b = append(wire.AppendVarint(b, uint32(len(r.runs))), r.runs...)
	b = append(b, r.frames...)
	b = binary.LittleEndian.AppendUint64(b, snap.Hash())
	r.ticks, r.frames, r.runs = 0, r.frames[:0], r.runs[:0]
	r.write(b)
}

// keyframe writes the whole world after tick t. The next delta is against this one alone: a reader may begin here.
func (r *Recorder[W, I]) keyframe(t sim.Tick, world *replica.World[W]) {
	if r.err != nil {
		return
	}
	b := r.block[:0]
	if r.counts.Bytes == 0 {
		b = r.appendHead(b)
	}
	start := len(b)
	b = beginBlock(b, kindKey)
	b = binary.LittleEndian.AppendUint32(b, uint32(t))
	b = r.states.Append(b, world)
	if len(b)-start > maxBlock {
		r.err = fmt.Errorf("replay: the world takes %d bytes: want at most %d", len(b)-start, maxBlock)
		return
	}
	endBlock(b[start:])
	r.keyed, r.sinceK, r.older = true, 0, nil
	r.put(b)
}

func (r *Recorder[W, I]) appendHead(b []byte) []byte {
	b = append(b, magic...)
	start := len(b)
	b = beginBlock(b, kindHead)
	b, r.err = headCodec.Append(b, &r.head)
	endBlock(b[start:])
	return b
}

func (r *Recorder[W, I]) write(b []byte) {
	endBlock(b)
	r.put(b)
}

// put gives blocks to the writer. What it does not take is missing, so that the file has to go on with a keyframe.
func (r *Recorder[W, I]) put(b []byte) {
	r.block = b
	if n, err := r.out.Write(b); err != nil || n < len(b) {
		r.keyed = false
		r.counts.Gaps++
		return
	}
	r.counts.Bytes += uint64(len(b))
}

// Close writes the ticks that wait. The error says why the recording ended before, if it did.
func (r *Recorder[W, I]) Close() error {
	if r.keyed && r.prev != nil {
		r.flush(r.prev)
	}
	return r.err
}

// Counters returns the current figures.
func (r *Recorder[W, I]) Counters() RecorderCounters { return r.counts }
