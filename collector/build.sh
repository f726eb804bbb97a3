#!/bin/sh
# Builds the collector, and bbolt that checks its queue, into the directory given: from the modules that both go.sum files pin.
set -eu
output=$1
collector=$(cd "$(dirname "$0")" && pwd)
sources=$(mktemp -d)
trap 'rm -rf "$sources"' EXIT

build() { CGO_ENABLED=0 go build -v -trimpath -buildvcs=false -ldflags='-s -w' "$@"; }

mkdir -p "$output"
cd "$collector/../stack/tools/collector"
build -o "$output/" tool
# the builder writes the program only: which versions it is compiled from is not for today's registry to say
cp "$collector/go.mod" "$collector/go.sum" "$sources"
cd "$sources"
"$output/builder" --skip-get-modules --skip-compilation --config="$collector/manifest.yaml"
build -o "$output/leadlight-collector" .
rm "$output/builder"
