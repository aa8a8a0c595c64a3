# make demo     generate, count, co-simulate and prove M7E4, and run a network on it: build/m7e4/report.md
# make test     everything that CI checks
# make bench    benchmarks
# make readme   bring the generated sections of README.md up to date
# make compare  write docs/comparison.md: formats and switches, counted and mapped; minutes
# make clean    remove what the others built

GO ?= go

.PHONY: demo test bench readme compare clean setup

demo: setup
	$(GO) run ./cmd/fmaq run m7e4

test: setup
	@unformatted="$$(gofmt -l .)"; if [ -n "$$unformatted" ]; then echo "gofmt these: $$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) test -timeout 15m ./...

bench: setup
	$(GO) test -run '^$$' -bench . ./...

readme:
	$(GO) run ./cmd/fmaq readme README.md

compare: setup
	$(GO) run ./cmd/fmaq compare -o docs

clean:
	rm -rf build bin

setup:
	@script/setup
