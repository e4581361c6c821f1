# halftick. `make` alone says what there is.
.PHONY: help test play build bench microbench fuzz soak

export GOFLAGS ?= -buildvcs=false

FUZZTIME ?= 30

help:
	@echo 'make play                         play the arena: server, bots and a window (text status where there is no display)'
	@echo 'make play ARGS="-bots 5 -net 4g"  the same with five bots on a simulated mobile network; ARGS="-help" lists all'
	@echo 'make test                         check everything: format, vet, staticcheck, tests, race, window, wasm, windows, fuzz'
	@echo 'make build                        build the programs of demo/ into bin/ (no cgo)'
	@echo 'make bench [ARGS="-quick"]        measure halftick and its peers over the same bad links; ARGS="-help" lists all'
	@echo 'make bench OUT=docs/benchmarks.md the same, and bring the tables and plots of that document up to date'
	@echo 'make microbench [PKG=./netcode/wire]  run the Go benchmarks with their allocations'
	@echo 'make fuzz [FUZZTIME=60]           fuzz every parser, each for that many seconds'
	@echo 'make soak [MESSAGES=10000000]     reliable messages over a terrible link: none lost, repeated, out of order or altered'
	@echo
	@echo 'Inner loop: go test ./...         Needs Go (see go.mod), git and make; Debian packages are installed when root.'
	@echo 'Start reading at docs/README.md.'

test:
	@.ci/test

play:
	@.ci/play $(ARGS)

build:
	CGO_ENABLED=0 go build -o bin/ ./demo/...

bench:
	@.ci/bench $(if $(OUT),-out $(abspath $(OUT))) $(ARGS)

microbench:
	CGO_ENABLED=0 go test -run '^$$' -bench . -benchmem $(or $(PKG),./netcode/... ./server/... ./client/... ./demo/arena)

fuzz:
	@.ci/fuzz $(FUZZTIME)

soak:
	CGO_ENABLED=0 go test ./netcode/session -run '^TestSoak$$' -v -count=1 -timeout 2h -soak $(or $(MESSAGES),10000000)
