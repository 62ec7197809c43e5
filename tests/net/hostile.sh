#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What takt reads that others wrote: streams of guests with bad intentions, records and recordings from elsewhere. Whatever comes, it ends, in time,
# with nothing written to the terminal that is no text. No root, no taktd.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

command -v perl > /dev/null || { skip "hostile files" "perl is not installed: make deps"; finish; }
events=tests/net/hostile_events
gunzip -c tests/data/guest-6.1.rec.gz > "$work/r.rec"

# TITLE, COMMAND...: what it prints is text, for people and for programs.
is_text() {
	local title=$1 status
	shift
	timeout 20 "$@" > "$work/out" 2>&1
	status=$?
	[ $status -lt 124 ] || { fail "$title" "status $status"; return; }
	LC_ALL=C grep -q -v '^[[:print:]]*$' <(sed 's/\xc2\xb1/+-/g' "$work/out") && fail "$title" "$(cat -v "$work/out" | head -c 300)" || ok "$title"
}

# TITLE, part of the sentence, COMMAND...: refused in one sentence that is text, at once.
refused() {
	local title=$1 part=$2 status
	shift 2
	timeout 20 "$@" > "$work/out" 2> "$work/err"
	status=$?
	if [ $status = 2 ] && [ "$(wc -l < "$work/err")" = 1 ] && grep -q -e "$part" "$work/err" && ! LC_ALL=C grep -q '[^[:print:]]' "$work/err"; then
		ok "$title"
	else
		fail "$title" "status $status: $(head -c 300 "$work/err" | cat -v)"
	fi
}

# FILE OFFSET BYTES: overwrite, BYTES as printf has them.
poke() { printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2> /dev/null; }

$events escapes > "$work/g.ev"
is_text "a guest's coverage table with codes for a terminal" "$takt" path --input "$work/r.rec" -g "g=$work/g.ev"

$events kinds > "$work/g.ev"
timeout 20 "$takt" path --input "$work/r.rec" -g "g=$work/g.ev" --json > "$work/out" 2>&1
[ "$(jq '.sources[0].events == 2 and .sources[0].troubles == 2' "$work/out")" = true ] &&
	ok "a guest that tells of its host is not believed" || fail "a guest that tells of its host is not believed" "$(head -c 300 "$work/out")"

$events elsewhen > "$work/g.ev"
timeout 20 "$takt" path --input "$work/r.rec" -g "g=$work/g.ev" --json > "$work/out" 2>&1
[ "$(jq '.ways' "$work/out")" = 800 ] && ok "a guest that lies about the time hides no frame" || fail "a guest that lies about the time hides no frame" "$(head -c 300 "$work/out")"

# Not a test of speed: of the number of times that a byte is looked at.
$events magics > "$work/g.ev"
timeout 20 "$takt" path --input "$work/r.rec" -g "g=$work/g.ev" --json > "$work/out" 2>&1 && [ "$(jq .sources[0].troubles "$work/out")" -gt 0 ] &&
	ok "a stream of heads without blocks ends" || fail "a stream of heads without blocks ends" "$(head -c 300 "$work/out")"

$events capture > "$work/wire.pcapng"
timeout 20 "$takt" path --input "$work/r.rec" -w "wire=$work/wire.pcapng" --json > "$work/out" 2>&1
[ "$(jq '.sources[0].events == 4 and .sources[0].lost == 1 and .ways == 800' "$work/out")" = true ] &&
	ok "a capture with a frame that cannot be: the others are told" || fail "a capture with a frame that cannot be" "$(head -c 300 "$work/out")"

# The header of records (vnet/rec.h): ports' names are at 56, 16 bytes each, how many of them at 48, how many records were written at 576.
for row in "a port's name that is no text:56:\\033[2J" "a port's name without an end:56:0123456789abcdef" "more ports than there are:48:\\377\\377\\377\\377" \
	"more records than there can be:576:\\377\\377\\377\\377\\377\\377\\377\\377"; do
	IFS=: read -r title at bytes <<< "$row"
	cp "$work/r.rec" "$work/bad.rec"
	poke "$work/bad.rec" "$at" "$bytes"
	refused "records: $title" damaged "$takt" path --input "$work/bad.rec"
done

# Records are at 787136, 64 bytes each: class at 62, port at 61, verdict at 63, and the two instants first.
cp "$work/r.rec" "$work/bad.rec"
poke "$work/bad.rec" $((787136 + 62)) '\310'
poke "$work/bad.rec" $((787136 + 64 + 61)) '\376'
poke "$work/bad.rec" $((787136 + 128 + 63)) '\377'
poke "$work/bad.rec" $((787136 + 192)) '\000\000\000\000\000\000\000\200'
poke "$work/bad.rec" $((787136 + 256)) '\377\377\377\377\377\377\377\177'
for command in path blame; do
	timeout 20 "$takt" $command --input "$work/bad.rec" --json > "$work/out" 2>&1 && [ "$(jq '.lost // .records_lost' "$work/out")" = 5 ] && ok "takt $command: records that cannot be are counted as lost" ||
		fail "takt $command: records that cannot be are counted as lost" "$(head -c 300 "$work/out")"
done

# A recording from elsewhere: files that are none, a clock that is none.
mkdir "$work/dir"
meta() { printf '{"version": 1, "instance": "x", "axis_error_ns": %s, "t_now": 0, "ports": [{"name": "\\u001b[2J", "guest": true}], "sources": [{"file": "g.ev", "kind": "guest", "port": 0, "name": "\\u001b[2J"}]}' "$1" > "$work/dir/meta.json"; }
mkfifo "$work/dir/meta.json"
refused "a recording whose meta.json is a FIFO" "no plain file" "$takt" path --input "$work/dir"
rm "$work/dir/meta.json"
meta 0
ln -s /dev/zero "$work/dir/records.bin"
refused "a recording whose records are a device" "no plain file" "$takt" path --input "$work/dir"
rm "$work/dir/records.bin"
cp "$work/bad.rec" "$work/dir/records.bin"
mkfifo "$work/dir/g.ev"
is_text "a recording whose events are a FIFO, and names that are no text" "$takt" path --input "$work/dir"
rm "$work/dir/g.ev"
$events escapes > "$work/dir/g.ev"
is_text "a recording with codes for a terminal" "$takt" blame --input "$work/dir"
meta -9223372036854775808
refused "a recording whose clock's bound cannot be" axis_error_ns "$takt" path --input "$work/dir"
finish
