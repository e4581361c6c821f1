package netcode

// runHandshakes works on the handshakes of new clients, one after the other: what costs is done outside of the lock, so
// that a rush of newcomers takes a processor's time and not the sessions'.
func (h *Host) runHandshakes() {
	defer h.running.Done()
	for {
		now := h.Lock()
		job, some := h.ep.Handshake(now)
		h.mu.Unlock() // nothing to send came of it
		if !some {
			select {
			case <-h.done:
				return
			case <-h.newcomer:
			}
			continue
		}
		job.Run()
		now = h.Lock()
		h.ep.Answer(now, job)
		h.Unlock()
	}
}

// tellHandshakes wakes the goroutine that works on handshakes when some wait, under the lock.
func (h *Host) tellHandshakes() {
	if h.ep.Handshakes() > 0 {
		select {
		case h.newcomer <- struct{}{}:
		default:
		}
	}
}
