package session

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"time"
)

// ChannelKind says what a channel promises.
type ChannelKind uint8

const (
	// Unreliable messages arrive at most once, in any order, or not at all.
	Unreliable ChannelKind = iota + 1
	// Sequenced messages arrive at most once and never after a newer one; a newer one replaces what is unsent.
	Sequenced
	// ReliableOrdered messages arrive exactly once, in order, while the session lives.
	ReliableOrdered
	// ReliableUnordered messages arrive exactly once, each as soon as it can: none waits for another.
	ReliableUnordered
	// ReliableLatest messages are values of keys (SendKeyed). A newer value of a key replaces the one that
	// is not acknowledged, which is not sent again; the last value of each key arrives, none after a newer one.
	ReliableLatest
	// Bulk messages arrive exactly once, in order, like ReliableOrdered ones. They are for transfers: the
	// window is as large as the queue, and everything else goes first.
	Bulk
)

var kindNames = [...]string{Unreliable: "unreliable", Sequenced: "sequenced", ReliableOrdered: "reliable-ordered",
	ReliableUnordered: "reliable-unordered", ReliableLatest: "reliable-latest", Bulk: "bulk"}

func (k ChannelKind) String() string {
	if k >= Unreliable && k <= Bulk {
		return kindNames[k]
	}
	return fmt.Sprintf("ChannelKind(%d)", uint8(k))
}

// Reliable reports whether messages of this kind are sent again until they are acknowledged.
func (k ChannelKind) Reliable() bool { return k >= ReliableOrdered }

// Values of Channel.Redundancy besides 0, which adapts, and 1 to 7.
const (
	// All repeats every unacknowledged small message (at most 8) in each packet.
	All = maxRepeats
	// Frugal repeats nothing ahead of its loss.
	Frugal = -1
)

// Channel declares one channel of a session. Both ends declare the same ones in the same order; a
// channel's number is its place in Config.Channels. Nothing that happens on one channel holds back another.
type Channel struct {
	// Name is for people. It takes no part in the protocol.
	Name string

	Kind ChannelKind

	// Redundancy says what records carry of this channel ahead of any known loss, of reliable messages of at most 128 bytes. Zero
	// adapts: nothing while nothing is lost; for 3 s after a loss the two newest messages that are not
	// acknowledged as one coded frame, from which either can be rebuilt; above 10 % loss two or three copies of each. 1 to 7
	// repeats so many of the newest in each packet, All every one (at most 8): for what must never wait. Frugal
	// repeats nothing. It costs bytes and saves a round trip per loss. While nothing comes back everything that is small is
	// repeated in any case. It has no effect on a reliable carrier or another kind of channel.
	Redundancy int

	// Priority orders the channels: while one of a lower number has something to send, those of higher
	// numbers wait. Zero is the default; negative ones go before it. Bulk goes last whatever it says, yet
	// a small share of what the others send is left to it.
	Priority int

	// Weight is the channel's share of the bytes sent on those channels of its priority that have something
	// to send, 1 to 1000. Zero means 1.
	Weight int

	// MaxMessage is the largest message in bytes, up to 64 KiB; longer ones are refused by Send, and
	// a peer that sends one is dropped. Zero means 16 KiB, for Bulk 64 KiB. Above MaxUnfragmented
	// (1100 bytes) a message travels in fragments.
	MaxMessage int

	// MaxQueue is the number of bytes that may wait or be unacknowledged, up to 4 MiB. When it is
	// reached a reliable Send fails with ErrQueueFull, and an unreliable one drops the oldest
	// waiting message. Zero means 256 KiB, for Bulk 1 MiB. Of a Bulk channel it is the window as well,
	// which limits the rate to MaxQueue per round trip; both ends must declare the same.
	MaxQueue int

	// Deadline is how long a message may wait to be sent for the first time before it is dropped and,
	// with a receipt, reported as Lost. Zero means 250 ms for Unreliable and Sequenced and no limit for
	// reliable kinds; negative means no limit.
	Deadline time.Duration
}

// Config is how an Endpoint behaves. App, Channels and Secret are required.
type Config struct {
	// App names the application; sessions between different ones are refused. At most 64 bytes.
	App string

	// Schema is a hash of what the messages mean; sessions between different ones are refused.
	Schema uint64

	// About describes the schema, for people whose client has another one: see AskAbout. Everybody may read it. A server's may
	// be as long as packs into 30 KiB, about 100 KiB; a client needs none.
	About string

	// Channels are the channels of every session, 1 to 16.
	Channels []Channel

	// AckDelay is how long an acknowledgement may wait for a packet to ride on, up to 63 ms. An
	// application that sends on a fixed beat does best with one beat. Zero means 5 ms. The peer is
	// told; gaps are acknowledged at once in any case.
	AckDelay time.Duration

	// StallAfter is how long, a round trip included on top, something may go unanswered before the Stalled event. Zero
	// means 1 s; negative means that there are no such events.
	StallAfter time.Duration

	// IdleTimeout ends a session from which nothing was received for so long. Zero means 30 s.
	IdleTimeout time.Duration

	// KeepAlive is the longest silence: after it a ping is sent. Zero means 5 s, or a third of
	// IdleTimeout when that is less; negative means never. It is shorter than IdleTimeout.
	KeepAlive time.Duration

	// ReadTimeout ends a session in which an application that holds channels (Conn.Hold) has read nothing for so long. Zero means
	// 10 s; negative means never.
	ReadTimeout time.Duration

	// DialTimeout is how long a Dial waits for the server's answer. Zero means 5 s.
	DialTimeout time.Duration

	// Linger is how long Close waits for reliable messages to be acknowledged. Zero means 1 s;
	// negative means not at all.
	Linger time.Duration

	// Congestion says how a session finds its rate on a carrier that is not reliable.
	Congestion Congestion

	// Rate is the most that a session sends, in payload bytes per second; with FixedRate it is the
	// rate, paced with bursts of up to 16 KiB. Zero means 1 GiB/s, with FixedRate 1 MiB/s.
	Rate int

	// MaxConns is the number of sessions that Listen accepts; the next one is refused as full. Zero means 1024;
	// negative means none.
	MaxConns int

	// MaxPerNetwork is the number of sessions that Listen accepts from one IPv4 address or IPv6 network of 64 bits; the next
	// one is refused as crowded. Loopback is not limited. Zero means 64; negative means no limit.
	MaxPerNetwork int

	// ResumeFor is how long a session that was lost (timed out, or its carrier failed) may be resumed by its client with a ticket of
	// Conn.AppendResume: a new session then names the old one. Zero: there are no tickets.
	ResumeFor time.Duration

	// Former are sessions of earlier starts of this server, with the same Key, that their clients may resume for ResumeFor from now on, by the tickets
	// that they have: see Conn.Former. At most 4096.
	Former []Former

	// Secret seeds every choice the endpoint makes: keys, cookies, session ids. It must be
	// unpredictable and used once, outside of tests.
	Secret [32]byte

	// Key is the private half of the endpoint's X25519 key, any 32 random bytes: who a server is to clients
	// that pin its public half, and who a client is to a server. Zero: it follows from Secret, and changes with it.
	Key [32]byte

	// Authorize decides who may come in: it is given a client's public key, which the client owns, and its token
	// (DialOptions.Token, borrowed), and returns what it grants or why not: RefusedExpired, RefusedServer, RefusedDenied. An
	// INIT may be a replay, so that it must change nothing. Drivers call it from a goroutine of their own,
	// not two at once; it may take a millisecond. Nil: anybody may come.
	Authorize func(client [32]byte, token []byte) (Grant, Refusal)
}

// Protocol defaults, used where a Config field is zero.
const (
	defaultMaxMessage  = 16 << 10
	defaultMaxQueue    = 256 << 10
	defaultBulkMessage = MaxMessage
	defaultBulkQueue   = 1 << 20
	defaultDeadline    = 250 * time.Millisecond
	defaultAckDelay    = 5 * time.Millisecond
	defaultStallAfter  = 1 * time.Second
	defaultIdleTimeout = 30 * time.Second
	defaultKeepAlive   = 5 * time.Second
	defaultReadTimeout = 10 * time.Second
	defaultDialTimeout = 5 * time.Second
	defaultLinger      = 1 * time.Second
	defaultRate        = 1 << 30
	defaultFixedRate   = 1 << 20
	defaultMaxConns    = 1024
	defaultMaxPerNet   = 64
)

// resolve returns the configuration with its defaults filled in, or the first thing wrong with it.
func (c Config) resolve() (Config, error) {
	if c.App == "" || len(c.App) > 64 {
		return c, fmt.Errorf("session: Config.App %q: want 1 to 64 bytes", c.App)
	}
	if n := len(c.Channels); n == 0 || n > maxChannels {
		return c, fmt.Errorf("session: Config.Channels has %d channels: want 1 to %d", n, maxChannels)
	}
	channels := make([]Channel, len(c.Channels))
	for i, ch := range c.Channels {
		ch, err := ch.resolve()
		if err != nil {
			return c, fmt.Errorf("session: channel %d (%s) has %w", i, ch.Name, err)
		}
		channels[i] = ch
	}
	c.Channels = channels
	c.AckDelay = cmp.Or(c.AckDelay, defaultAckDelay)
	c.StallAfter = cmp.Or(c.StallAfter, defaultStallAfter)
	c.IdleTimeout = cmp.Or(c.IdleTimeout, defaultIdleTimeout)
	c.KeepAlive = cmp.Or(c.KeepAlive, min(defaultKeepAlive, c.IdleTimeout/3))
	c.ReadTimeout = cmp.Or(c.ReadTimeout, defaultReadTimeout)
	c.DialTimeout = cmp.Or(c.DialTimeout, defaultDialTimeout)
	c.Linger = cmp.Or(c.Linger, defaultLinger)
	if c.Congestion == FixedRate {
		c.Rate = cmp.Or(c.Rate, defaultFixedRate)
	}
	c.Rate = cmp.Or(c.Rate, defaultRate)
	c.MaxConns = cmp.Or(c.MaxConns, defaultMaxConns)
	c.MaxPerNetwork = cmp.Or(c.MaxPerNetwork, defaultMaxPerNet)
	switch {
	case c.AckDelay < 0 || c.AckDelay > maxAckDelay:
		return c, fmt.Errorf("session: Config.AckDelay %v: want 0 to %v", c.AckDelay, maxAckDelay)
	case c.IdleTimeout < 0:
		return c, fmt.Errorf("session: Config.IdleTimeout %v is negative", c.IdleTimeout)
	case c.KeepAlive >= c.IdleTimeout:
		return c, fmt.Errorf("session: Config.KeepAlive %v: want less than IdleTimeout, %v", c.KeepAlive, c.IdleTimeout)
	case len(c.Former) > maxLost:
		return c, fmt.Errorf("session: Config.Former has %d sessions: want at most %d", len(c.Former), maxLost)
	case c.ResumeFor < 0 || c.ResumeFor > maxResumeFor:
		return c, fmt.Errorf("session: Config.ResumeFor %v: want 0 to %v", c.ResumeFor, maxResumeFor)
	case c.DialTimeout < 0:
		return c, fmt.Errorf("session: Config.DialTimeout %v is negative", c.DialTimeout)
	case c.Rate < minRate:
		return c, fmt.Errorf("session: Config.Rate %d: want at least %d bytes per second", c.Rate, minRate)
	case c.Congestion > FixedRate:
		return c, fmt.Errorf("session: Config.Congestion %d: want DelayBased or FixedRate", c.Congestion)
	case c.Secret == [32]byte{}:
		return c, fmt.Errorf("session: Config.Secret is zero: fill it with random bytes")
	}
	return c, nil
}

// resolve returns the channel with its defaults filled in, or the first thing wrong with it.
func (ch Channel) resolve() (Channel, error) {
	if ch.Kind == Bulk {
		ch.MaxMessage = cmp.Or(ch.MaxMessage, defaultBulkMessage)
		ch.MaxQueue = cmp.Or(ch.MaxQueue, defaultBulkQueue)
	}
	ch.MaxMessage = cmp.Or(ch.MaxMessage, defaultMaxMessage)
	ch.MaxQueue = cmp.Or(ch.MaxQueue, defaultMaxQueue)
	ch.Weight = cmp.Or(ch.Weight, 1)
	if !ch.Kind.Reliable() {
		ch.Deadline = cmp.Or(ch.Deadline, defaultDeadline)
	}
	switch {
	case ch.Kind < Unreliable || ch.Kind > Bulk:
		return ch, fmt.Errorf("kind %d: want one from Unreliable to Bulk", ch.Kind)
	case ch.MaxMessage < 0 || ch.MaxMessage > MaxMessage:
		return ch, fmt.Errorf("a MaxMessage of %d: want at most %d bytes", ch.MaxMessage, MaxMessage)
	case ch.MaxQueue < ch.MaxMessage || ch.MaxQueue > maxQueueBytes:
		return ch, fmt.Errorf("a MaxQueue of %d: want %d (its MaxMessage) to %d bytes", ch.MaxQueue, ch.MaxMessage, maxQueueBytes)
	case ch.Weight < 0 || ch.Weight > maxWeight:
		return ch, fmt.Errorf("a Weight of %d: want 1 to %d", ch.Weight, maxWeight)
	case ch.Redundancy < Frugal || ch.Redundancy > All:
		return ch, fmt.Errorf("a Redundancy of %d: want Frugal (-1), 0 or up to %d", ch.Redundancy, All)
	}
	return ch, nil
}

// appID is what stands for the application in the handshake: a hash of its name and of what its channels promise.
func (c *Config) appID() uint64 {
	h := fnv.New64a()
	h.Write([]byte(c.App))
	for _, ch := range c.Channels {
		h.Write([]byte{0, byte(ch.Kind), byte(ch.MaxMessage), byte(ch.MaxMessage >> 8), byte(ch.MaxMessage >> 16)})
		if ch.Kind == Bulk {
			h.Write([]byte{byte(ch.MaxQueue), byte(ch.MaxQueue >> 8), byte(ch.MaxQueue >> 16)})
		}
	}
	return h.Sum64()
}
