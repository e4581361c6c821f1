# halftick. `make` alone says what there is.
.PHONY: help test play web build bench microbench fuzz soak abuse

export GOFLAGS ?= -buildvcs=false

FUZZTIME ?= 30

help:
	@echo 'make play                         play the arena: server, bots and a window (text status where there is no display)'
	@echo 'make play ARGS="-bots 5 -net 4g"  the same with five bots on a simulated mobile network; ARGS="-help" lists all'
	@echo 'make web [ARGS="-bots 4"]         serve the arena to browsers at http://127.0.0.1:8080'
	@echo 'make test                         check everything: format, vet, netvet, staticcheck, tests, race, window, wasm, windows, fuzz'
	@echo 'make build                        build the programs of demo/ into bin/ (no cgo)'
	@echo 'make bench [ARGS="-quick"]        measure halftick and its peers over the same bad links; ARGS="-help" lists all'
	@echo 'make bench OUT=docs/benchmarks.md the same, and bring the tables and plots of that document up to date'
	@echo 'make microbench [PKG=./netcode/wire]  run the Go benchmarks with their allocations'
	@echo 'make fuzz [FUZZTIME=60]           fuzz every parser, each for that many seconds'
	@echo 'make soak [MESSAGES=10000000]     reliable messages over a terrible link: none lost, repeated, out of order or altered; then many tries of every random test'
	@echo 'make abuse [ATTACKS=1000000]      so many hostile datagrams of each kind, also at a live server on loopback: docs/security.md'
	@echo
	@echo 'Inner loop: go test ./...         Needs Go (see go.mod), git and make; Debian packages are installed when root.'
	@echo 'Start reading at docs/README.md.'

test:
	@.ci/test

play:
	@.ci/play $(ARGS)

web:
	mkdir -p bin/web
	GOOS=js GOARCH=wasm go build -ldflags='-s -w' -o bin/web/play.wasm ./demo/play
	gzip -kf bin/web/play.wasm
	cp "$$(go env GOROOT)/lib/wasm/wasm_exec.js" bin/web/
	CGO_ENABLED=0 go build -o bin/ ./demo/dedicated
	bin/dedicated -web 127.0.0.1:8080 -web-root bin/web $(or $(ARGS),-bots 4)

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
	CGO_ENABLED=0 go test ./netcode/session -run '^Test(Model|Promises.*|ExactlyOnce.*|LargeValues.*|TwoSessions.*|RateComes.*|SizeOfThePath.*|BlackHole.*)$$' -count=1 -timeout 2h \
		-soak $(or $(MESSAGES),10000000) -rapid.checks $(or $(CHECKS),2000)

# The attacks on the protocol alone, then on a live server; about six minutes. Fails when a promise is broken.
abuse:
	CGO_ENABLED=0 go test ./netcode/session -run '^Test(ForgedClosesEndNothing|ReplayedRecordsDeliverNothing|RejectsLeaveNothing|RefusedHandshakesLeaveNothing|InitsCostNoMemory|LookupUnderAttack)$$' -v -count=1 -timeout 1h -abuse $(or $(ATTACKS),1000000)
	CGO_ENABLED=0 go test ./netcode -run '^TestAbuse$$' -v -count=1 -timeout 1h -abuse $(or $(ATTACKS),1000000)
