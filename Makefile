# Everything here works on a fresh clone with Go and Node; `make help` tells what there is.

GO    ?= go
LINT  := .bin/golangci-lint
MINIO_VERSION := v0.0.0-20260212201848-7aac2a2c5b7c
LINT_VERSION := v2.15.0
TOOLS := .bin/nfpm .bin/helm .bin/compose-spec
NODE_MODULES := test/sdk/js/node_modules/.package-lock.json test/sdk/browser/node_modules/.package-lock.json \
	examples/scenarios/js/node_modules/.package-lock.json examples/nextjs/node_modules/.package-lock.json examples/amplify/node_modules/.package-lock.json

RACE = ./internal/store ./internal/limit ./internal/audit ./internal/message ./internal/notify ./internal/token ./internal/trigger/... \
	./internal/signin ./internal/server ./internal/door/... ./internal/federate/... ./internal/outbound ./internal/operate/... ./client/...

export CGO_ENABLED = 0
SHELL = bash -o pipefail

.DEFAULT_GOAL := help
.PHONY: help build test race check lint fmt generate bench scale minio fuzz soak cluster dist dist-check vuln litestream

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build the program into ./cenote; TAGS=libcrypto lets the system's OpenSSL 3 sign (Linux with glibc, docs/operators.md)
	$(GO) build -trimpath -tags '$(TAGS)' -ldflags '-s -w' -o cenote ./cmd/cenote

test: $(NODE_MODULES) $(TOOLS) ## run every test, with the official clients and on both databases (as root on Debian it installs what they need)
	test/install
	export CENOTE_TEST_REQUIRE_POSTGRES=1 CENOTE_TEST_REQUIRE_CLIENTS=1 CENOTE_TEST_REQUIRE_PACKAGES=1 CENOTE_TEST_REQUIRE_CLUSTER=1; \
	{ $(GO) test -json -count=1 -p 2 -timeout 45m ./... && \
	$(GO) test -json -count=1 -tags libcrypto ./internal/libcrypto; } | $(GO) run ./test/progress

race: ## run the packages with concurrency under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -count=1 -p 2 -timeout 45m $(RACE)

check: fmt lint ## check format, vet and lint; what a change must pass besides the tests
	$(GO) vet ./...

fmt:
	@unformatted=$$(git ls-files -co --exclude-standard '*.go' | xargs gofmt -l); \
	[ -z "$$unformatted" ] || { echo "gofmt -w these files:"; echo "$$unformatted"; exit 1; }

lint: $(LINT)
	$(LINT) run --allow-parallel-runners

generate: ## write the generated code and documents again
	$(GO) generate ./...

bench: ## measure requests against the floor of their cryptography (docs/performance.md); BENCH=name picks some, TAGS=libcrypto that build
	GOFLAGS='$(GOFLAGS) -tags=$(TAGS)' $(GO) test -run '^$$' -bench '$(or $(BENCH),.)' -benchtime 1x -timeout 45m ./test/bench

scale: ## measure with 1,000,000 users and 10,000 pools on both databases, for an hour or more; BENCH=name picks some
	CENOTE_SCALE=1 $(GO) test -run '^$$' -bench '$(or $(BENCH),.)' -benchtime 1x -timeout 6h ./test/bench

fuzz: ## fuzz every parser of hostile input for a minute each, from where the last run ended; FUZZTIME=10m, FUZZ=name (for the night)
	test/fuzz

soak: ## run a server for an hour under mixed load on each database and fail if something grows; SOAK=5m SOAK_RATE=10
	CENOTE_SOAK=$(or $(SOAK),1h) CENOTE_SOAK_RATE=$(or $(SOAK_RATE),20) $(GO) test -count=1 -v -timeout 0 ./test/soak

cluster: ## break a Patroni cluster in every way under load and look for what is lost (as root on Debian, half an hour); ROUNDS=20 failovers
	test/install
	CENOTE_TEST_REQUIRE_CLUSTER=1 $(GO) test -count=1 -v -timeout 0 ./test/cluster -cluster.long -cluster.rounds=$(or $(ROUNDS),3)

dist: .bin/nfpm ## make everything that is released into ./dist: archives, deb, rpm, image, checksums (docs/operators.md)
	$(GO) run ./packaging

dist-check: .bin/nfpm ## make it twice, the second time without the build cache, and compare the bytes
	$(GO) run ./packaging -out dist
	cache=$$(mktemp -d) && trap 'rm -rf "$$cache"' EXIT && GOCACHE=$$cache $(GO) run ./packaging -out dist/again && \
	cmp dist/SHA256SUMS dist/again/SHA256SUMS && rm -r dist/again

vuln: ## ask the Go vulnerability database about the dependencies; says so where it cannot be reached
	@test/vuln

minio: ## build MinIO from its module and let it give credentials to identities (20 minutes the first time)
	GOBIN=$(CURDIR)/.bin $(GO) install github.com/minio/minio@$(MINIO_VERSION)
	CENOTE_TEST_MINIO=$(CURDIR)/.bin/minio $(GO) test -count=1 -run MinIO ./test/identity

litestream: .bin/litestream ## let Litestream copy a database that clients write to, restore it, and compare
	$(GO) test -count=1 -run 'Restore.*/Litestream' ./test/reliability

$(LINT):
	GOBIN=$(CURDIR)/.bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

%/node_modules/.package-lock.json: %/package-lock.json
	cd $* && npm ci --ignore-scripts
	@touch $@

.bin/nfpm:
	GOBIN=$(CURDIR)/.bin $(GO) install github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.0

.bin/helm:
	GOBIN=$(CURDIR)/.bin $(GO) install helm.sh/helm/v3/cmd/helm@v3.19.0

.bin/litestream:
	GOBIN=$(CURDIR)/.bin $(GO) install github.com/benbjohnson/litestream/cmd/litestream@v0.5.18

.bin/compose-spec:
	GOBIN=$(CURDIR)/.bin/compose $(GO) install github.com/compose-spec/compose-go/v2/cmd@v2.6.0
	mv .bin/compose/cmd $@
