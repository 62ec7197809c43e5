#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# takt path and takt clock guest on what was recorded (tests/data): whole, cut off, damaged, and not what it says it is. No root, no taktd.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

command -v jq > /dev/null || { skip "recorded ways" "jq is not installed: make deps"; finish; }
gunzip -c tests/data/guest-6.1.rec.gz > "$work/r.rec"
cp tests/data/guest-6.1.tak "$work/g.tak"

path() { "$takt" path --input "$work/r.rec" "$@" > "$work/out" 2> "$work/err"; }
value() { jq -r "$1" "$work/out"; }

# TITLE, then expressions that have to be true.
holds() {
	local title=$1 e
	shift
	for e; do
		[ "$(value "$e" 2> /dev/null)" = true ] || { fail "$title" "$e: $(head -c 200 "$work/err")"; return; }
	done
	ok "$title"
}

# TITLE, STATUS, part of the sentence, COMMAND...
refused() {
	local title=$1 status=$2 part=$3 got
	shift 3
	"$@" > "$work/out" 2> "$work/err"
	got=$?
	[ "$got" = "$status" ] && [ "$(wc -l < "$work/err")" = 1 ] && grep -q -e "$part" "$work/err" && ok "$title: $(cut -c 1-110 "$work/err" | sed "s|$work||g")" ||
		fail "$title" "status $got: $(head -c 300 "$work/err")"
}

path -g "g=$work/g.tak" --json
holds "every hop of 800 frames" '.ways == 800' '.whole == 800' '.numbered_whole == 800' '.defects == 0' '.bad_sums == 0' '.ambiguous == 0' \
	'[.hops[] | select(.in == "g") | .hop] == ["app","driver","ring","copy","class","queue","gate","shape","port","send","total"]' \
	'[.hops[] | select(.out == "g") | .hop] == ["copy","class","queue","gate","shape","port","send","call","irq","deliver","total"]' \
	'all(.hops[] | select(.hop == "app" or .hop == "deliver"); .bound_ns <= .max_ns / 1000 + 1)' \
	'[.hops[] | select(.hop == "ring" or .hop == "call") | .bound_ns] | min > 0' '.sources[0].clock.breaks == 0'

path -g "g=$work/g.tak" --seqid 100 --json
holds "a frame by its number, there and back" '[.frames[] | select(.whole and .adds_up)] | length == 2' \
	'[.frames[] | ([.hops[].ns] | add) == .total_ns] | all'
key=$(value '.frames[0].key')
path -g "g=$work/g.tak" --key "$key" --json
holds "the same by its key" '.frames | length == 1' '.frames[0].seqid == 100'

"$takt" clock guest --input "$work/r.rec" "g=$work/g.tak" --every 100ms --json > "$work/out" 2> "$work/err"
holds "its clock" '.guests[0].joined == "by frames"' '.guests[0].points | length > 15' '[.guests[0].points[] | .bound_ns] | max < 200000' \
	'[.guests[0].points | [.[:-1], .[1:]] | transpose[] | .[1].t - .[0].t - 100000000 | fabs] | max < 120000'

size=$(stat -c %s "$work/g.tak")
head -c $((size / 2)) tests/data/guest-6.1.tak > "$work/g.tak"
path -g "g=$work/g.tak" --json
holds "events cut off: the rest is told" '.whole > 100' '.whole < 800' '.defects == 0' '.sources[0].troubles > 0' '.sources[0].trouble | test("offset [0-9]+")'

cp tests/data/guest-6.1.tak "$work/g.tak"
printf 'damage' | dd of="$work/g.tak" bs=1 seek=$((size / 3)) conv=notrunc 2> /dev/null
path -g "g=$work/g.tak" --json
holds "events damaged: the rest is told" '.whole > 300' '.defects == 0' '.bad_sums == 0' '.sources[0].trouble | test("offset [0-9]+")'

{ head -c $((size / 4)) tests/data/guest-6.1.tak; head -c $((size / 4)) tests/data/guest-6.1.tak; } > "$work/g.tak"
path -g "g=$work/g.tak" --json
holds "events twice: counted once" '.defects == 0' '.bad_sums == 0' '.ambiguous == 0' '.whole > 50'

head -c 100000 "$work/r.rec" > "$work/short.rec"
refused "records cut off" 2 "cut off" "$takt" path --input "$work/short.rec" -g "g=$work/g.tak"
refused "no such port" 2 "has no port nobody" "$takt" path --input "$work/r.rec" -g "nobody=$work/g.tak"
refused "no source" 2 "PORT=SOURCE" "$takt" path --input "$work/r.rec" -g g
refused "no such file" 2 "No such file" "$takt" path --input "$work/r.rec" -g "g=$work/none"
refused "twice the same port" 2 "has a source already" "$takt" path --input "$work/r.rec" -g "g=$work/g.tak" -g "g=$work/g.tak"
refused "no recording" 2 "no recording" "$takt" path --input "$work"
refused "which guest?" 2 "which guest" "$takt" clock guest
refused "no instants" 2 ":2: \"x" "$takt" clock guest --input "$work/r.rec" "g=$work/g.tak" --at <(printf '1\nx\n')
refused "a folder that exists" 2 "exists" "$takt" record -o "$work"
refused "no folder" 2 "output is missing" "$takt" record
refused "no folder to make it in" 2 "cannot be made: No such file" timeout 5 "$takt" record -o "$work/none/rec"
refused "an input that is not there" 2 "none: no such file: give a recording" "$takt" path --input "$work/none"
mkdir "$work/dir"
echo '{"version": 2}' > "$work/dir/meta.json"
refused "another version" 2 "version 2" "$takt" path --input "$work/dir"
echo '{"version": 1, "sources": [{"file": "../g.tak", "kind": "guest", "port": 0}]}' > "$work/dir/meta.json"
cp "$work/r.rec" "$work/dir/records.bin"
refused "a recording and a source" 2 "sources already" "$takt" path --input "$work/dir" -g "g=$work/g.tak"
refused "a file elsewhere" 2 "without file, kind or port" "$takt" path --input "$work/dir"

# A wire's witness from a file: frames that were never there belong to nobody.
path -w "wire=$work/g.tak" --json
grep -q "cannot be read" "$work/err" && ok "no capture" || fail "no capture" "$(head -c 200 "$work/err")"
finish
