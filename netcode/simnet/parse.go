package simnet

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// maxText is the longest text Parse looks at, in bytes; a longer one is an error.
const maxText = 512

// Parse reads Conditions from text: the name of a preset, settings, or a preset and settings that
// change it, separated by commas or spaces:
//
//	delay=25ms,jitter=5ms,loss=5%
//	wifi,loss=10%
//	burst=10%/200ms,dup=1%,reorder=2%/30ms,rate=1mbit,queue=200ms,mtu=1400,corrupt=0.1%
//
// Times are as in time.ParseDuration; shares are percentages or fractions; a rate has the unit kbit,
// mbit, gbit, B/s, kB/s or MB/s. The second part of burst (the mean length) and of reorder (the time
// held back) may be left out. The empty text is a perfect path. Errors name what is wrong and what
// there is.
func Parse(s string) (Conditions, error) {
	c, err := parse(s)
	if err == nil {
		err = c.Validate()
	}
	if err != nil {
		return Conditions{}, err
	}
	return c, nil
}

func parse(s string) (c Conditions, err error) {
	if len(s) > maxText {
		return c, fmt.Errorf("simnet: conditions of %d bytes: want at most %d", len(s), maxText)
	}
	items := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
	seen := make(map[string]bool, len(items))
	for i, item := range items {
		key, value, ok := strings.Cut(item, "=")
		if !ok {
			if c, ok = preset(item); !ok || i > 0 {
				return c, fmt.Errorf("simnet: %q: want a preset, as the first item, or key=value: %s", item, help())
			}
			continue
		}
		if seen[key] {
			return c, fmt.Errorf("simnet: %s is given twice", key)
		}
		seen[key] = true
		if err := c.set(key, value); err != nil {
			return c, fmt.Errorf("simnet: %q: %w", item, err)
		}
	}
	return c, nil
}

// keys are what set knows, in the order of String.
const keys = "delay jitter loss burst dup reorder rate queue mtu corrupt"

// help says what can be written.
func help() string {
	return fmt.Sprintf("keys are %s; presets are %s", keys, strings.Join(presetNames(), " "))
}

func (c *Conditions) set(key, value string) (err error) {
	switch key {
	case "delay":
		c.Delay, err = parseTime(value)
	case "jitter":
		c.Jitter, err = parseTime(value)
	case "loss":
		c.Loss, err = parseShare(value)
	case "burst":
		c.Burst.Share, c.Burst.Mean, err = parseShareTime(value)
	case "dup":
		c.Duplicate, err = parseShare(value)
	case "reorder":
		c.Reorder, c.ReorderBy, err = parseShareTime(value)
	case "rate":
		c.Rate, err = parseRate(value)
	case "queue":
		c.Queue, err = parseTime(value)
	case "mtu":
		c.MTU, err = parseSize(value)
	case "corrupt":
		c.Corrupt, err = parseShare(value)
	default:
		err = fmt.Errorf("unknown key; %s", help())
	}
	return err
}

func parseSize(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("want a number of bytes such as 1400")
	}
	return n, nil
}

func parseTime(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("want a time such as 25ms")
	}
	return d, nil
}

func parseShare(s string) (float64, error) {
	number, percent := strings.CutSuffix(s, "%")
	p, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0, fmt.Errorf("want a share such as 5%% or 0.05")
	}
	if percent {
		p /= 100
	}
	return p + 0, nil // -0 becomes 0
}

func parseShareTime(s string) (p float64, d time.Duration, err error) {
	share, length, ok := strings.Cut(s, "/")
	if p, err = parseShare(share); err != nil {
		return 0, 0, err
	}
	if ok {
		d, err = parseTime(length)
	}
	return p, d, err
}

// rateUnits are in bytes per second, longer suffixes before those they end in.
var rateUnits = []struct {
	suffix string
	bytes  float64
}{{"kbit", 125}, {"mbit", 125e3}, {"gbit", 125e6}, {"kB/s", 1e3}, {"MB/s", 1e6}, {"B/s", 1}}

func parseRate(s string) (int, error) {
	for _, u := range rateUnits {
		number, ok := strings.CutSuffix(s, u.suffix)
		if !ok {
			continue
		}
		v, err := strconv.ParseFloat(number, 64)
		if v = math.Round(v * u.bytes); err != nil || !(v >= 0 && v <= maxRate) {
			break
		}
		return int(v), nil
	}
	return 0, fmt.Errorf("want a rate such as 500kbit, 1mbit or 64kB/s, up to 17gbit")
}

// String returns the conditions as Parse reads them; a perfect path is "none".
func (c Conditions) String() string {
	var b []byte
	add := func(key, value string) { b = append(append(append(append(b, key...), '='), value...), ',') }
	addTime := func(key string, d time.Duration) {
		if d != 0 {
			add(key, d.String())
		}
	}
	addShare := func(key string, p float64, d time.Duration) {
		switch {
		case d != 0:
			add(key, formatShare(p)+"/"+d.String())
		case p != 0:
			add(key, formatShare(p))
		}
	}
	addTime("delay", c.Delay)
	addTime("jitter", c.Jitter)
	addShare("loss", c.Loss, 0)
	addShare("burst", c.Burst.Share, c.Burst.Mean)
	addShare("dup", c.Duplicate, 0)
	addShare("reorder", c.Reorder, c.ReorderBy)
	if c.Rate != 0 {
		add("rate", formatRate(c.Rate))
	}
	addTime("queue", c.Queue)
	if c.MTU != 0 {
		add("mtu", strconv.Itoa(c.MTU))
	}
	addShare("corrupt", c.Corrupt, 0)
	if len(b) == 0 {
		return "none"
	}
	return string(b[:len(b)-1])
}

// formatShare writes a percentage, or the fraction where a percentage would not read back exactly.
func formatShare(p float64) string {
	percent := strconv.FormatFloat(p*100, 'g', -1, 64)
	if len(percent) > 8 { // 0.07*100 is 7.000000000000001
		percent = strconv.FormatFloat(p*100, 'g', 8, 64)
	}
	if v, err := strconv.ParseFloat(percent, 64); err == nil && v/100 == p {
		return percent + "%"
	}
	return strconv.FormatFloat(p, 'g', -1, 64)
}

func formatRate(rate int) string {
	switch {
	case rate%125_000 == 0:
		return strconv.Itoa(rate/125_000) + "mbit"
	case rate%125 == 0:
		return strconv.Itoa(rate/125) + "kbit"
	}
	return strconv.Itoa(rate) + "B/s"
}
