# What people do with this repository. `make run` and `make test` need Go and
# nothing else.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# Nothing of the machine, of the time or of git is in the binary: only the sources,
# the toolchain and the version make it what it is.
GOFLAGS_BUILD = -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(VERSION)"
FUZZTIME ?= 20000x
FUZZED ?= --exclude-dir=server internal
KILLS ?= 50
SEEDS ?= 20000

# Tools that are run as they are, at these versions, and are none of Heddle's modules.
GOVULNCHECK = golang.org/x/vuln/cmd/govulncheck@v1.9.0
CYCLONEDX = github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0

export CGO_ENABLED ?= 0

.PHONY: run build test check unit race fuzz sdk known-vulns vulns sbom reproducible sim bench chaos clean

## run: build, then show the main job: a server, its examples, one execution
run: build
	bin/heddle demo

## build: the static binary, bin/heddle
build:
	go build $(GOFLAGS_BUILD) -o bin/heddle ./cmd/heddle

## test: everything CI runs
test: check race fuzz sdk known-vulns

## check: form, vet, staticcheck, tidy modules that are what go.sum says
check:
	@test -z "$$(gofmt -l . | tee /dev/stderr)"
	go vet ./...
	go tool staticcheck ./...
	go mod tidy -diff
	go mod verify

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
# Two targets stand in packages that the whole program is linked to, which would be
# built once more for them; FUZZED="internal cmd" takes them too.
## fuzz: each fuzz target on a few thousand inputs
fuzz:
	@grep -rlE '^func Fuzz' --include='*_test.go' $(FUZZED) | while read -r file; do \
		grep -oE '^func Fuzz[A-Za-z0-9]+' "$$file" | sed 's/^func //' | while read -r target; do \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 100x "./$$(dirname "$$file")" || exit 1; \
		done || exit 1; \
	done

# A module of its own, so that the SDKs are none of Heddle's dependencies.
## sdk: the official SDKs and an S3 server with the built binary; the SDK for Node where Node is
sdk:
	cd e2e/sdk && go vet ./... && go test -count=1 ./...

# Whether the database of vulnerabilities can be read depends on the network.
# HEDDLE_VULNDB names a copy of it (file:///path), with which none is needed. The
# argument is the exit code where nobody could look; 3 is that of a finding.
define vulncheck
@GOBIN=$(CURDIR)/bin go install $(GOVULNCHECK) && bin/govulncheck $(if $(HEDDLE_VULNDB),-db $(HEDDLE_VULNDB)) ./...; \
	case $$? in 0) ;; 3) exit 3 ;; *) \
		echo "left out: nobody has looked for known vulnerabilities, for the reason above. HEDDLE_VULNDB=file:///path names a copy of the database."; \
		exit $(1) ;; esac
endef

## vulns: known vulnerabilities that the code reaches; it fails too where nobody can look
vulns:
	$(call vulncheck,1)

known-vulns:
	$(call vulncheck,0)

## sbom: what the binary is made of, with licences, as CycloneDX in bin/heddle.cdx.json
sbom: build
	go run $(CYCLONEDX) bin -json -std -licenses -noserial -notimestamp -version $(VERSION) -output bin/heddle.cdx.json bin/heddle

# The caches are apart, so that nothing of the first build is in the second.
## reproducible: build the sources twice, in two places, from nothing; both must be one
reproducible:
	@set -e; made=$$(mktemp -d); trap 'chmod -R u+w "$$made"; rm -rf "$$made"' EXIT; \
	for place in first second/elsewhere; do \
		mkdir -p "$$made/$$place"; git ls-files -z | tar -c --null -T - | tar -x -C "$$made/$$place"; \
		(cd "$$made/$$place" && GOCACHE="$$made/cache-$${place%/*}" $(MAKE) --no-print-directory build VERSION=$(VERSION)); \
		sha256sum "$$made/$$place/bin/heddle"; \
	done; \
	cmp "$$made/first/bin/heddle" "$$made/second/elsewhere/bin/heddle" && echo "both builds are one"

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
