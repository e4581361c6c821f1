package cell

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// urgent gives this process a place before ordinary ones while it is measured, so that it wakes in time on a busy machine,
// or takes it back. It is not held while the process starts and ends: those are long stretches of work, for which
// others would have to wait. Without the right to it nothing changes.
func (n *node) urgent(on bool) {
	attr := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_NORMAL}
	if on {
		attr.Policy, attr.Priority = unix.SCHED_RR, 10
	}
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil || !n.spec.Urgent {
		return
	}
	for _, t := range tasks { // threads that come later inherit it
		if id, err := strconv.Atoi(t.Name()); err == nil {
			_ = unix.SchedSetAttr(id, &attr, 0)
		}
	}
}
