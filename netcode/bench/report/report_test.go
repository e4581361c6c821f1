package report

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPercentile(t *testing.T) {
	v := []float64{4, 1, 3, 2}
	for p, want := range map[float64]float64{0: 1, 0.25: 1, 0.5: 2, 0.75: 3, 0.76: 4, 1: 4} {
		if got := Percentile(v, p); got != want {
			t.Errorf("percentile %v of 1 to 4 is %v, want %v", p, got, want)
		}
	}
	if Median(v) != 2.5 || Median(v[:3]) != 3 || !math.IsNaN(Median(nil)) || !math.IsNaN(Percentile(nil, 0.5)) {
		t.Error("median of even, odd or no values")
	}
}

func TestTable(t *testing.T) {
	table := NewTable("peer", "p99", "runs")
	table.Row("a", 12.345, 3)
	table.Row("b", math.NaN(), 0)
	want := "| peer | p99 | runs |\n|---|---:|---:|\n| a | 12.3 | 3 |\n| b | - | 0 |\n"
	if got := table.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestUpdate(t *testing.T) {
	doc := filepath.Join(t.TempDir(), "doc.md")
	const text = "a\n<!-- bench W1 -->\nold\n<!-- end W1 -->\nb\n<!-- bench W2 -->\nkept\n<!-- end W2 -->\n"
	if err := os.WriteFile(doc, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Update(doc, map[string]string{"W1": "new\n"}); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(doc)
	if want := strings.Replace(text, "\nold\n", "\n\nnew\n\n", 1); string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if Update(doc, map[string]string{"W3": "new"}) == nil {
		t.Error("a block without a place was accepted")
	}
}
