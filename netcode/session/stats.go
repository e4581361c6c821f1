package session

import "time"

// Stats is the state of one session, for people and for the layers above. Bytes are those of
// datagrams, without the headers of IP and UDP or TCP (28 and about 40 bytes each).
type Stats struct {
	RTT, MinRTT time.Duration // smoothed, and the smallest of the last 5 to 10 s
	Jitter      time.Duration // smoothed difference of successive round trips
	LossOut     float64       // share of our packets lost, 0 to 1, smoothed over about 128 packets
	LossIn      float64       // share of the peer's packets that did not arrive, likewise

	Pace       float64       // bytes per second at which records may leave now
	Bandwidth  float64       // bytes per second that the path is taken to deliver; this and what follows: 0 unless DelayBased, on UDP or WT
	Queue      time.Duration // how long records wait on the path
	Window     int           // bytes that may be in flight
	AppLimited bool          // less is sent than may be

	PacketsSent, PacketsReceived uint64
	BytesSent, BytesReceived     uint64
	PacketsLost                  uint64 // declared lost
	PacketsSpurious              uint64 // of these, acknowledged later

	ReliableSent      uint64 // messages queued on reliable channels
	ReliableAcked     uint64 // of these, acknowledged
	ReliableDelivered uint64 // messages from the peer on reliable channels given to the application
	Retransmitted     uint64 // messages or fragments sent again after a loss or a probe
	Repeated          uint64 // messages sent again ahead of any loss
	Rebuilt           uint64 // messages from the peer that were rebuilt from others and a coded frame
	Unsent            uint64 // messages dropped before any of them was sent, by deadline or for newer ones
	Superseded        uint64 // values of keys that were sent, and given up for newer ones before they were acknowledged

	RecordSize int    // bytes of the largest record that may leave now: 1200 to 1452, as the path allows
	SizeProbes uint64 // records sent to find that out
	BlackHoles uint64 // times that the path was seen to swallow large records which it had carried

	PacketsCopied uint64 // sent to a path that was being validated, besides the one in use

	Moves  uint64 // to other paths
	Stalls uint64 // silences of Config.StallAfter and more

	InFlight      int // bytes not acknowledged
	QueuedBytes   int // waiting or unacknowledged, on all channels
	ReliableQueue int // messages waiting or unacknowledged on reliable channels
}

// EndpointStats is the state of an Endpoint.
type EndpointStats struct {
	Sessions int // established
	Opened   uint64
	Refused  uint64
	Closed   uint64
	Failed   uint64 // dials that ended before they stood

	Moves        uint64 // of sessions to other paths
	MovesUndone  uint64 // of these, followed a copy of the client's packets
	MovesRefused uint64 // the new path gave no answer, was not allowed, or there were too many moves
	PathsLeft    uint64 // forgotten by the sessions that had travelled them

	PacketsSent, PacketsReceived uint64
	BytesSent, BytesReceived     uint64
	Drops                        Drops
}
