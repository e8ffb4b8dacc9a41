#!/bin/sh
# memory.sh [MB [WHAT...]]: how much memory a report takes at its peak (Maximum
# resident set size), on an mbox, on one message with a large attachment and on one
# message of text (mbox, message, text), each of MB megabytes (default 1000). The mail
# is made while it is read.
# Run it in the root of the repository; it needs GNU time as /usr/bin/time.
set -eu
mb=${1:-1000}
test $# -eq 0 || shift
test $# -ne 0 || set -- mbox message text
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go build -o "$dir/generate" ./internal/bench/generate
CGO_ENABLED=0 go build -o "$dir/whybounce" ./cmd/whybounce

for what; do
	"$dir/generate" -mb "$mb" "$what" |
		/usr/bin/time -v -o "$dir/time" "$dir/whybounce" report --format jsonl --all -o "$dir/out" - || test $? -eq 1
	awk -v what="$what" -v mb="$mb" -F': ' '
		/Maximum resident/ { rss = $2 }
		/User time/ { cpu += $2 }
		/System time/ { cpu += $2 }
		END { printf "%-8s %5d MB  %4d MB at most  %7.2f s CPU\n", what, mb, rss * 1024 / 1e6, cpu }' "$dir/time"
done
