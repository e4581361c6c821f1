// Command netvet finds what makes a game differ between two machines. `netvet -help` says what; `netvet ./...` looks for it.
// It is also a tool for go vet: go vet -vettool=$(which netvet) ./...
package main

import (
	"os"
	"strings"

	"github.com/halftick/halftick/netcode/netvet"
	"golang.org/x/tools/go/analysis/singlechecker"
	"golang.org/x/tools/go/analysis/unitchecker"
)

func main() {
	if last := os.Args[len(os.Args)-1]; last == "-flags" || strings.HasPrefix(last, "-V=") || strings.HasSuffix(last, ".cfg") {
		unitchecker.Main(netvet.Analyzer) // go vet asks
	}
	singlechecker.Main(netvet.Analyzer)
}
