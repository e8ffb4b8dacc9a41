#!/bin/sh
# growth.sh [FILES]: what a report costs (CPU seconds) as there is more to do: mboxes
# of 1 to 1,000 MB, messages of 1 to 500 MB of text, 1,000 and 5,000 rules of the user's,
# a Maildir of FILES files (default 100000) beside an mbox of the same mail, and one
# small message from start to end. Run it in the root of the repository; it needs GNU
# time as /usr/bin/time.
set -eu
files=${1:-100000}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go build -o "$dir/generate" ./internal/bench/generate
CGO_ENABLED=0 go build -o "$dir/whybounce" ./cmd/whybounce

# report NAME ARGUMENTS... prints what a report costs.
report() {
	name=$1
	shift
	/usr/bin/time -f '%U %S %M' -o "$dir/time" "$dir/whybounce" report --format jsonl --all -o "$dir/out" "$@" || test $? -eq 1
	awk -v name="$name" 'END { printf "%-32s %7.2f s CPU  %3d MB\n", name, $1 + $2, $3 * 1024 / 1e6 }' "$dir/time"
}

for mb in 1 10 100 1000; do
	"$dir/generate" -mb $mb mbox >"$dir/mbox"
	report "mbox of $mb MB" "$dir/mbox"
done

"$dir/generate" -mb 10 mbox >"$dir/mbox"
for n in 0 1000 5000; do
	rm -rf "$dir/rules"
	mkdir -p "$dir/rules/causes"
	i=0
	while [ $i -lt $n ]; do
		i=$((i + 1))
		cat <<-EOF
			[[rule]]
			id = "own-$i"
			pattern = 'our gateway $i refuses (?:mailbox|user) [a-z]+ for reason $i'
			source = "made to measure"
			match = ['554 our gateway $i refuses user anna for reason $i']
			reject = ['our gateway $i is up']
		EOF
	done >"$dir/rules/causes/unknown.toml"
	report "10 MB with $n rules added" --rules "$dir/rules" "$dir/mbox"
done

for mb in 1 10 100 500; do
	"$dir/generate" -mb $mb text >"$dir/text"
	report "message of $mb MB of text" "$dir/text"
done
rm "$dir/text"

"$dir/generate" -n "$files" -dir "$dir/maildir" maildir
find "$dir/maildir" -type f -exec cat {} + >/dev/null # as warm as an mbox just written
(ulimit -n 64 && report "Maildir of $files files" "$dir/maildir") # and never more than 64 files open
find "$dir/maildir" -type f -exec awk '
	FNR == 1 { printf "%sFrom MAILER-DAEMON Tue Mar  3 09:00:00 2026\n", (NR > 1 ? "\n" : "") }
	{ print }' {} + >"$dir/mbox"
report "the same as an mbox" "$dir/mbox"

eml=$(find samples -name '*.eml' | sort | head -1)
/usr/bin/time -f '%U %S' -o "$dir/time" sh -c "for i in \$(seq 100); do '$dir/whybounce' report --format jsonl '$eml'; done" >"$dir/out"
awk 'END { printf "one small message, start to end  %7.1f ms CPU\n", ($1 + $2) * 10 }' "$dir/time"
