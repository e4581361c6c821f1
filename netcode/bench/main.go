//go:build linux

// Command bench measures this library and others over the same emulated links and prints the tables as Markdown; -out
// brings a document and its plots up to date. See docs/benchmarks.md for what it measures and how.
//
// Start reading at workload.go, then package cell.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/halftick/halftick/netcode/bench/cell"
	"github.com/halftick/halftick/netcode/bench/peer"
	"github.com/halftick/halftick/netcode/bench/report"
)

func main() {
	var err error
	if len(os.Args) == 5 && os.Args[1] == "-node" {
		err = cell.Node(os.Args[2], os.Args[3], os.Args[4])
	} else {
		err = bench()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	work, peers, links []string // what to run; empty means all
	seeds              int
	run                time.Duration // of each cell; 0 means each workload's own
	beside             int           // cells at the same time, where they are light
	profile            string
	out                string
	quick              bool
}

func parse() (o options, err error) {
	flag.BoolVar(&o.quick, "quick", false, "one seed and short runs: a look in about two minutes")
	work := flag.String("work", "", "workloads, such as W1,W4; empty means all")
	peers := flag.String("peers", "", "peers, such as halftick,quic; empty means all")
	links := flag.String("links", "", "links of W1 and W2, such as loss5,burst5; empty means all")
	flag.IntVar(&o.seeds, "seeds", 3, "runs of each cell, each with a seed of its own")
	flag.DurationVar(&o.run, "run", 0, "how long each cell is measured; 0 means as long as its workload says")
	flag.IntVar(&o.beside, "beside", 16, "the most light cells that run at the same time")
	flag.StringVar(&o.profile, "profile", "", "write CPU and heap profiles of both processes of every cell, with this path in front")
	flag.StringVar(&o.out, "out", "", "the document to bring up to date, such as docs/benchmarks.md; its plots go to images/ beside it")
	flag.Parse()
	if flag.NArg() > 0 {
		return o, fmt.Errorf("unexpected %q; -help lists the flags", flag.Args())
	}
	if o.quick {
		o.seeds, o.run = 1, 3*time.Second
	}
	o.work, o.peers, o.links = split(*work), split(*peers), split(*links)
	if o.quick && len(o.peers) == 0 {
		o.peers = split("halftick,halftick-2,halftick-all,halftick-frugal,halftick-kcp,kcp,kcp-fec,quic,tcp,udp,enet")
	}
	if o.quick && len(o.links) == 0 {
		o.links = split("loss0,loss5,loss20,burst5,8 Mbit/s")
	}
	for _, p := range o.peers {
		if _, ok := peer.Find(p); !ok && p != "enet" {
			return o, fmt.Errorf("no peer %q", p)
		}
	}
	return o, nil
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}

// wants reports whether a choice leaves name in.
func wants(choice []string, name string) bool {
	return len(choice) == 0 || slices.ContainsFunc(choice, func(c string) bool { return strings.EqualFold(c, name) })
}

// memory is how many bytes this process may have before there is a collection after all.
const memory = 2 << 30

func bench() error {
	o, err := parse()
	if err != nil {
		return err
	}
	if os.Geteuid() != 0 && os.Getenv(inside) == "" {
		if done, err := again(); done {
			return err
		}
	}
	// The threads that emulate links are never to wait for a place to run Go code, nor for a collection to stop threads
	// that the kernel does not let run.
	runtime.GOMAXPROCS(o.beside + 8)
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(memory)
	began := time.Now()
	blocks := map[string]string{}
	for _, w := range workloads() {
		if !wants(o.work, w.name) {
			continue
		}
		cells := runAll(w.plan(o), o)
		if len(cells) == 0 {
			continue
		}
		text := w.tables(cells)
		if g := goals(w.name, cells); g != "" {
			text = g + "\n" + text
		}
		fmt.Printf("## %s: %s\n\n%s\n\n%s\n", w.name, w.title, w.text, text)
		blocks[w.name] = text
		if o.out != "" {
			if err := draw(w, cells, o.out); err != nil {
				return err
			}
		}
	}
	if len(blocks) == 0 {
		return fmt.Errorf("nothing to run: -work %v -peers %v -links %v", o.work, o.peers, o.links)
	}
	about := machine(began, o)
	fmt.Println(about)
	if o.out == "" {
		return nil
	}
	blocks["machine"] = about
	return report.Update(o.out, blocks)
}
