package simnet

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text string
		want Conditions
	}{
		{"", Conditions{}},
		{"none", Conditions{}},
		{"delay=25ms,jitter=5ms,loss=5%", Conditions{Delay: 25 * ms, Jitter: 5 * ms, Loss: 0.05}},
		{"loss=0.05 delay=1s", Conditions{Delay: time.Second, Loss: 0.05}},
		{"burst=10%/200ms,dup=1%,reorder=2%/30ms", Conditions{Burst: Burst{0.1, 200 * ms}, Duplicate: 0.01, Reorder: 0.02, ReorderBy: 30 * ms}},
		{"burst=10%,reorder=2%", Conditions{Burst: Burst{Share: 0.1}, Reorder: 0.02}},
		{"rate=1mbit,queue=200ms,corrupt=0.1%", Conditions{Rate: 125_000, Queue: 200 * ms, Corrupt: 0.001}},
		{"mtu=1400,loss=1%", Conditions{MTU: 1400, Loss: 0.01}},
		{"rate=64kB/s", Conditions{Rate: 64_000}},
		{"rate=7B/s", Conditions{Rate: 7}},
		{"rate=1.5kbit", Conditions{Rate: 188}},
		{"loss2,delay=0s", Conditions{Loss: 0.02}},
		{"burst10, loss=1%", Conditions{Delay: 25 * ms, Loss: 0.01, Burst: Burst{0.1, 100 * ms}}},
	} {
		got, err := Parse(c.text)
		if err != nil || got != c.want {
			t.Errorf("Parse(%q) = %+v, %v; want %+v", c.text, got, err, c.want)
		}
	}
}

func TestParseErrorsSayWhatThereIs(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"dealy=5ms", "keys are delay jitter loss burst dup reorder rate queue mtu corrupt; presets are none lan fibre"},
		{"wify", `"wify": want a preset`},
		{"loss=5%,wifi", `"wifi": want a preset, as the first item`},
		{"delay=25", "want a time such as 25ms"},
		{"delay=-1ms", "delay -1ms: want 0 to 1m0s"},
		{"jitter=2m", "jitter 2m0s: want 0 to 1m0s"},
		{"loss=5", "loss 500%: want 0% to 100%"},
		{"loss=nan", "want 0% to 100%"},
		{"loss=x", "want a share such as 5% or 0.05"},
		{"loss=1%,loss=2%", "loss is given twice"},
		{"burst=99%", "want 0% to 95%"},
		{"burst=1%/1us", "want at least 1ms"},
		{"burst=1%/", "want a time"},
		{"rate=1", "want a rate such as"},
		{"rate=-1mbit", "want a rate such as"},
		{"rate=99gbit", "want a rate such as"},
		{"mtu=-1", "want a number of bytes"},
		{"mtu=70000", "mtu 70000: want 0 to 65535"},
		{"rate=nanmbit", "want a rate such as"},
		{strings.Repeat("a", 600), "conditions of 600 bytes"},
	} {
		got, err := Parse(c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "simnet: ") {
			t.Errorf("Parse(%q): %v, want it to say %q", c.text, err, c.want)
		}
		if got != (Conditions{}) {
			t.Errorf("Parse(%q) returned %+v with its error", c.text, got)
		}
	}
}

func anyConditions() *rapid.Generator[Conditions] {
	return rapid.Custom(func(t *rapid.T) Conditions {
		span := rapid.OneOf(rapid.Just[time.Duration](0), rapid.Map(rapid.Int64Range(0, int64(maxTime)), func(n int64) time.Duration { return time.Duration(n) }))
		share := rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(0, 1), rapid.SampledFrom([]float64{0.01, 0.05, 0.07, 0.001, 1}))
		c := Conditions{
			Delay: span.Draw(t, "delay"), Jitter: span.Draw(t, "jitter"), Loss: share.Draw(t, "loss"),
			Burst:     Burst{Share: share.Draw(t, "burst") * maxShare, Mean: span.Draw(t, "mean")},
			Duplicate: share.Draw(t, "dup"), Reorder: share.Draw(t, "reorder"), ReorderBy: span.Draw(t, "by"),
			Rate: rapid.IntRange(0, maxRate).Draw(t, "rate"), Queue: span.Draw(t, "queue"), MTU: rapid.IntRange(0, maxMTU).Draw(t, "mtu"), Corrupt: share.Draw(t, "corrupt"),
		}
		if c.Burst.Mean > 0 {
			c.Burst.Mean = max(c.Burst.Mean, minBurst)
		}
		return c
	})
}

func TestParseReadsWhatStringWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyConditions().Draw(t, "conditions")
		got, err := Parse(c.String())
		if err != nil || got != c {
			t.Fatalf("%q reads as %+v, %v; want %+v", c, got, err, c)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, p := range Presets() {
		f.Add(p.Name)
		f.Add(p.Conditions.String())
	}
	f.Add("wifi,loss=1e-320%,rate=0.0001kbit,delay=1h,burst=-0%/1ms")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse(text)
		if err != nil {
			return
		}
		if err := c.Validate(); err != nil {
			t.Fatalf("%q was parsed: %v", text, err)
		}
		again, err := Parse(c.String())
		if err != nil || again != c {
			t.Fatalf("%q: %q reads as %+v, %v; want %+v", text, c, again, err, c)
		}
	})
}

func TestPresets(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range Presets() {
		got, err := Parse(p.Name)
		if err != nil || got != p.Conditions {
			t.Errorf("preset %q reads as %+v, %v", p.Name, got, err)
		}
		if p.About == "" || strings.Contains(p.About, "\n") || seen[p.Name] {
			t.Errorf("preset %q: no line about it, or twice", p.Name)
		}
		seen[p.Name] = true
	}
	for _, name := range []string{"none", "lan", "wifi", "4g", "transatlantic", "satellite", "loss2", "loss5", "burst10"} {
		if !seen[name] {
			t.Errorf("no preset %q", name)
		}
	}
	Presets()[0].Name = "changed"
	if Presets()[0].Name != "none" {
		t.Error("a caller can change the presets")
	}
}

// What a program sets without Parse may be anything; it must not break the Shaper.
func TestValuesOutOfRangeCountAsTheNearest(t *testing.T) {
	wild := Conditions{
		Delay: -5, Jitter: math.MinInt64, Loss: math.NaN(), Burst: Burst{math.Inf(1), -1}, Duplicate: -3,
		Reorder: math.NaN(), ReorderBy: math.MinInt64, Rate: -1, Queue: -1, MTU: -1, Corrupt: -0.1,
	}
	if wild.Validate() == nil {
		t.Error("wild conditions are valid")
	}
	want := Conditions{Burst: Burst{maxShare, defaultBurst}, ReorderBy: defaultReorderBy, Queue: defaultQueue}
	if got := wild.effective(); got != want {
		t.Errorf("effective conditions %+v, want %+v", got, want)
	}
}
