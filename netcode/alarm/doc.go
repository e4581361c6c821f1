// Package alarm wakes a goroutine at a time that others set, on Linux to some microseconds.
//
// The runtime's own timers are as coarse as a millisecond where all sleep: too coarse to send a record every 1.5 ms (8 Mbit/s), which then
// leave in pairs and wait for each other on the way. A sleep in a system call would be fine enough, but keeps the runtime's monitor
// thread awake, which looks every 20 µs whether that call has ended.
package alarm
