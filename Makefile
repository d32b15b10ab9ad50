# What people do with this repository. `make run` and `make test` need Go and
# nothing else.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GOFLAGS_BUILD = -trimpath -ldflags "-s -w -X main.version=$(VERSION)"
FUZZTIME ?= 20000x
KILLS ?= 50
SEEDS ?= 20000

export CGO_ENABLED ?= 0

.PHONY: run build test check unit race fuzz sdk sim bench chaos clean

## run: build, then show the main job: a server, its examples, one execution
run: build
	bin/heddle demo

## build: the static binary, bin/heddle
build:
	go build $(GOFLAGS_BUILD) -o bin/heddle ./cmd/heddle

## test: everything CI runs
test: check race fuzz sdk

## check: form, vet, staticcheck, tidy modules
check:
	@test -z "$$(gofmt -l . | tee /dev/stderr)"
	go vet ./...
	go tool staticcheck ./...
	go mod tidy -diff

## unit: the tests, quickly
unit:
	go test ./...

# Nothing is taken from the cache: what e2e drives is not among its sources. The
# race detector needs cgo, and so a C compiler; without one the tests run
# without it. Many tests wait, so more of them run than there are processors. A
# simulated run is one goroutine, for which ten times the work would find nothing.
race:
	@race=-race; cgo=1; command -v $$(go env CC) >/dev/null || { \
		echo "no C compiler: the tests run without the race detector"; race=; cgo=0; }; \
	CGO_ENABLED=$$cgo go test $$race -count=1 -parallel 4 $$(go list ./... | grep -v /internal/simulation)
	go test -count=1 ./internal/simulation

# Counted in inputs and not in seconds: a run that is ended by the clock now and
# then reports its own deadline as a finding. Minimizing is bounded for the same
# reason.
## fuzz: each fuzz target on a few thousand inputs
fuzz:
	@grep -rlE '^func Fuzz' --include='*_test.go' internal | while read -r file; do \
		grep -oE '^func Fuzz[A-Za-z0-9]+' "$$file" | sed 's/^func //' | while read -r target; do \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 100x "./$$(dirname "$$file")" || exit 1; \
		done || exit 1; \
	done

# A module of its own, so that the SDKs are none of Heddle's dependencies.
## sdk: the official SDKs and an S3 server with the built binary; the SDK for Node where Node is
sdk:
	cd e2e/sdk && go vet ./... && go test -count=1 ./...

## sim: the engine under faults, in many simulated runs; a failure prints how to replay it
sim:
	go test ./internal/simulation -count=1 -run TestSeeds -timeout 0 -seeds $(SEEDS)

## bench: speed, memory and disk, beside references measured in the same run
bench:
	go run ./bench

# A pipe hides the exit code, so it takes a file. The last lines are what was left out.
## chaos: every fault under load, again and again, on both stores, and what is left then
chaos:
	@mkdir -p bin
	@{ HEDDLE_E2E_CHAOS=1 HEDDLE_E2E_KILLS=$(KILLS) go test -count=1 -v -parallel 4 -timeout 120m ./e2e && \
		go test -count=20 -run NothingLeaks ./internal/server; echo $$? >bin/chaos.status; } 2>&1 | tee bin/chaos.log
	@echo; echo "left out:"; grep -B1 -e '--- SKIP' bin/chaos.log || echo "nothing"
	@exit $$(cat bin/chaos.status)

clean:
	rm -rf bin heddle-data
