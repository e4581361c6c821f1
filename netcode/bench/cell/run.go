package cell

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/halftick/halftick/netcode/bench/link"
	"github.com/halftick/halftick/netcode/bench/peer"
)

// Result is what one run of a cell measured.
type Result struct {
	Up, Down  []Flow
	Whole     []float64 // seconds of each transfer that began and ended in the time that counts
	Bulk      float64   // bits per second of bulk payload that arrived
	Dials     []float64 // milliseconds until the server answered
	Offered   [2]link.Count
	Client    Use
	Server    Use
	Seconds   float64       // that counted
	Late      time.Duration // of the link
	Order     int           // reliable messages out of order: a broken transport
	Failed    int           // sends that returned an error
	Notes     []string      // what the transports say of themselves
	Undrained bool          // reliable messages were still on their way when the wait for them ended
}

// Flow is what became of a stream.
type Flow struct {
	Stream
	Sent    int
	Latency []float64 // milliseconds, of each that arrived, less the link's delay
}

// Use is what a process used in the time that counts.
type Use struct {
	CPU    float64 // seconds
	Allocs float64 // objects
	Bytes  float64 // allocated
	RSS    int64   // bytes at the end, less those before there was a connection where that is known
	Live   int64   // bytes of heap and stacks after a collection, likewise
}

// child is one of the two processes, as its parent sees it.
type child struct {
	role    string
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	do      *json.Encoder
	reports chan report
}

// slack is how much longer than planned a cell may take before it is given up.
const slack = 25 * time.Second

// Run runs a cell across a link, which it leaves open.
func Run(l link.Link, spec Spec, delay time.Duration) (Result, error) {
	listen, dial := l.Addr()
	server, err := begin(l, link.Server, RoleServer, listen, spec)
	if err != nil {
		return Result{}, err
	}
	defer server.end()
	limit := time.After(dialTime + spec.Warm + spec.Run + spec.Drain + slack)
	baseline, err := server.wait("ready", limit)
	if err != nil {
		return Result{}, err
	}
	client, err := begin(l, link.Client, RoleClient, dial, spec)
	if err != nil {
		return Result{}, err
	}
	defer client.end()
	r := run{l: l, spec: spec, delay: delay, client: client, server: server, baseline: baseline.Sample, limit: limit}
	return r.measure()
}

// begin starts this program again as a child at an end of the link.
func begin(l link.Link, end int, role, addr string, spec Spec) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(spec)
	if err != nil {
		return nil, err
	}
	c := &child{role: role, cmd: exec.Command(self, "-node", role, addr, string(text)), reports: make(chan report, 4)}
	c.cmd.Stderr = os.Stderr
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := l.Start(end, c.cmd); err != nil {
		return nil, fmt.Errorf("start %s: %w", role, err)
	}
	c.do = json.NewEncoder(c.stdin)
	go func() {
		defer close(c.reports)
		for lines := json.NewDecoder(out); ; {
			var r report
			if lines.Decode(&r) != nil {
				return
			}
			c.reports <- r
		}
	}()
	return c, nil
}

// end stops the process, which cannot do anything about it.
func (c *child) end() {
	c.stdin.Close()
	c.cmd.Process.Kill()
	for range c.reports {
	}
	_ = c.cmd.Wait() // killed
}

// wait returns the next report, which is of that event.
func (c *child) wait(event string, limit <-chan time.Time) (report, error) {
	select {
	case r, ok := <-c.reports:
		switch {
		case !ok:
			return r, fmt.Errorf("the %s ended before it was %s", c.role, event)
		case r.Err != "":
			return r, fmt.Errorf("%s: %s", c.role, r.Err)
		case r.Event != event:
			return r, fmt.Errorf("%s: %s came in place of %s", c.role, r.Event, event)
		}
		return r, nil
	case <-limit:
		return report{}, fmt.Errorf("%s: %s did not come in time", c.role, event)
	}
}

// ask tells the process to do something and waits for the report of the event.
func (c *child) ask(do command, event string, limit <-chan time.Time) (report, error) {
	if err := c.do.Encode(do); err != nil {
		return report{}, fmt.Errorf("%s: %s: %w", c.role, do.Do, err)
	}
	return c.wait(event, limit)
}

// run is a cell under way.
type run struct {
	l              link.Link
	spec           Spec
	delay          time.Duration
	client, server *child
	baseline       Sample
	limit          <-chan time.Time
}

// measure plays the cell: connect, begin, end, wait for the rest.
func (r *run) measure() (res Result, err error) {
	dialed, err := r.client.wait("ready", r.limit)
	if err != nil {
		return res, err
	}
	if err := errors.Join(r.server.do.Encode(command{Do: "go"}), r.client.do.Encode(command{Do: "go"})); err != nil {
		return res, err
	}
	var c, s [2]report
	var offered [2][2]link.Count
	for i, event := range []string{"begin", "end"} {
		if c[i], err = r.client.wait(event, r.limit); err != nil {
			return res, err
		}
		offered[i] = r.l.Counts()
		res.Late = r.l.Late() // of the time that counts, in the end
		if s[i], err = r.server.ask(command{Do: event}, event, r.limit); err != nil {
			return res, err
		}
	}
	up, err := r.server.ask(command{Do: "finish", Expect: c[1].Sent}, "done", r.limit)
	if err != nil {
		return res, err
	}
	down, err := r.client.ask(command{Do: "finish", Expect: s[1].Sent}, "done", r.limit)
	if err != nil {
		return res, err
	}
	res.Seconds = (s[1].Sample.At - s[0].Sample.At).Seconds()
	for end := range res.Offered {
		res.Offered[end] = offered[1][end].Sub(offered[0][end])
	}
	res.Up = flows(r.spec.Up, c[1].Sent, up.Latency, r.delay)
	res.Down = flows(r.spec.Down, s[1].Sent, down.Latency, r.delay)
	res.Bulk = float64(s[1].Sample.Received-s[0].Sample.Received) * 8 / res.Seconds
	res.Whole = scaled(up.Whole, 1e-6, 0)
	res.Dials = scaled(dialed.Dials, 1e-3, 0)
	res.Client, res.Server = use(c, Sample{}, down.Sample), use(s, r.baseline, up.Sample)
	res.Order = up.Order + down.Order
	res.Failed = c[1].Failed + s[1].Failed
	res.Notes = append(append(res.Notes, down.Notes...), up.Notes...)
	for _, f := range append(res.Up, res.Down...) {
		res.Undrained = res.Undrained || f.Lane == peer.Reliable && len(f.Latency) < f.Sent
	}
	return res, nil
}

func flows(streams []Stream, sent []int, latency [][]int32, delay time.Duration) []Flow {
	fs := make([]Flow, len(streams))
	for i, s := range streams {
		fs[i] = Flow{s, sent[i], scaled(latency[i], 1e-3, delay.Seconds()*1e3)}
	}
	return fs
}

// scaled multiplies and subtracts.
func scaled(in []int32, by, less float64) []float64 {
	out := make([]float64, len(in))
	for i, v := range in {
		out[i] = float64(v)*by - less
	}
	return out
}

func use(r [2]report, baseline, after Sample) Use {
	a, b := r[0].Sample, r[1].Sample
	return Use{
		CPU:    (b.CPU - a.CPU).Seconds(),
		Allocs: float64(b.Allocs - a.Allocs),
		Bytes:  float64(b.Bytes - a.Bytes),
		RSS:    b.RSS - baseline.RSS,
		Live:   after.Live - baseline.Live,
	}
}
