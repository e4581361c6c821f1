package netvet

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// A ban forbids a package of the standard library, or some of its functions.
type ban struct {
	path  string   // "x/..." means x and all below it
	only  []string // functions and methods; nil means all
	what  string   // what the call does; "" allows the package after all
	why   string
	clear []string // functions that are fine after all
}

const (
	whyClock   = "each machine and each run of the tick has another time: count ticks, with c.Tick and c.DT"
	whyChance  = "each run draws other numbers: use c.Rand(p), which gives the same on server and client"
	whyOutside = "the tick runs again on other machines and after corrections, where the world outside is another: hand it in as an input"
	whyOutput  = "the tick runs again after each correction, and says it again: note it in the world, and tell it outside"
	whyMath    = "its last bits differ between CPUs (assembly on some, fused operations on others): use a table rounded to a grid, " +
		"or functions that are exact (math.Sqrt, Floor, Abs, Mod ...)"
)

var bans = []ban{
	{path: "time", only: []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}, what: "reads the clock", why: whyClock},
	{path: "context", only: []string{"WithTimeout", "WithTimeoutCause", "WithDeadline", "WithDeadlineCause"}, what: "reads the clock", why: whyClock},
	{path: "math/rand/...", what: "draws random numbers", why: whyChance},
	{path: "crypto/rand", what: "draws random numbers", why: whyChance},
	{path: "hash/maphash", what: "hashes with a seed of this process", why: whyChance},
	{path: "maps", only: []string{"Keys", "Values", "All"}, what: "goes through a map", why: whyOrder},
	{path: "reflect", only: []string{"MapKeys", "MapRange", "Seq", "Seq2"}, what: "goes through a map", why: whyOrder},
	{path: "reflect", only: []string{"Pointer", "UnsafePointer", "UnsafeAddr"}, what: "takes an address", why: whyAddress},
	{path: "sync/...", what: "shares memory between goroutines", why: whyThreads},
	{path: "runtime/...", what: "asks the runtime", why: whyThreads},
	{path: "iter", only: []string{"Pull", "Pull2"}, what: "starts a coroutine", why: whyThreads},
	{path: "os/...", what: "reaches the operating system", why: whyOutside},
	{path: "io/ioutil", what: "reaches the operating system", why: whyOutside},
	{path: "syscall/...", what: "reaches the operating system", why: whyOutside},
	{path: "net/netip"}, // an address is a value like any other
	{path: "net/url"},
	{path: "net/...", what: "reaches the network", why: whyOutside},
	{path: "log/...", what: "prints", why: whyOutput},
	{path: "fmt", only: []string{"Print", "Printf", "Println"}, what: "prints", why: whyOutput},
	{path: "math/cmplx", what: "computes inexactly", why: whyMath},
	{path: "math", clear: exactMath, what: "computes inexactly", why: whyMath},
}

// exactMath are the functions of package math whose results are the same, to the bit, on every CPU. They either are operations
// that IEEE 754 defines exactly, or move bits, or add and subtract without rounding. All others multiply and add, which the
// compiler fuses where the CPU can, and have assembly on some. In Go 1.26 that is
//
//	amd64   Exp, Hypot, Log (386: Hypot)
//	arm64   Exp, Exp2       (loong64: the same)
//	s390x   Acos, Acosh, Asin, Asinh, Atan, Atan2, Atanh, Cbrt, Cos, Cosh, Erf, Erfc, Exp, Expm1, Log, Log10, Log1p, Pow,
//	        Sin, Sinh, Tan, Tanh
//
// besides Floor, Ceil, Trunc, Max, Min, Modf, Sqrt and FMA, which are exact in either form.
var exactMath = []string{
	"Abs", "Ceil", "Copysign", "Dim", "FMA", "Float32bits", "Float32frombits", "Float64bits", "Float64frombits", "Floor", "Frexp", "Ilogb",
	"Inf", "IsInf", "IsNaN", "Ldexp", "Logb", "Max", "Min", "Mod", "Modf", "NaN", "Nextafter", "Nextafter32", "Remainder", "Round",
	"RoundToEven", "Signbit", "Sqrt", "Trunc",
}

// judgeStandard says what is wrong with a function or variable of the standard library, or nothing.
func judgeStandard(obj types.Object) (what, why string) {
	if obj.Pkg() == nil {
		return "", ""
	}
	for _, b := range bans {
		if !b.covers(obj.Pkg().Path()) || b.only != nil && !slices.Contains(b.only, obj.Name()) {
			continue
		}
		if b.what == "" || slices.Contains(b.clear, obj.Name()) {
			return "", ""
		}
		return fmt.Sprintf("%s.%s %s", obj.Pkg().Path(), obj.Name(), b.what), b.why
	}
	return "", ""
}

func (b *ban) covers(path string) bool {
	below, tree := strings.CutSuffix(b.path, "/...")
	return path == below || tree && strings.HasPrefix(path, below+"/")
}
