#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# takt bench compare: folders made by made_results, whose repetitions lie apart: alike, 5 us more in one hop, lost frames, a cell that failed, too few repetitions, damaged.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

made() { tests/net/made_results "$work/$@" || { fail "made $1" "made_results failed"; finish; }; }

# compared NAME STATUS EXPRESSION ARGS...: the exit status, and what jq says of the JSON
compared() {
	local name=$1 want=$2 expression=$3 status
	shift 3
	"$takt" bench compare --json "$@" > "$work/out.json" 2> "$work/compare.log"
	status=$?
	if [ "$status" = "$want" ] && jq -e "$expression" "$work/out.json" > /dev/null; then
		ok "$name"
	else
		fail "$name" "status $status, not $want, or not $expression: $(jq -c '[.verdict, (.items[] | select(.verdict != "same") | .what + " " + .figure)]' "$work/out.json" 2>&1)"
	fi
}
hops='[.items[] | select(.hop and .verdict != "same") | .what] | unique'

made a 1 3
made again 2 3 rev=5d6e7f8
compared "two runs alike: no difference" 0 '.verdict == "same" and .cells == 5 and ([.items[] | select(.verdict != "same")] | length) == 0' "$work/a" "$work/again"
compared "what would have been seen is told" 0 '[.items[] | select(.what == "path delay" and .figure == "p50") | .would_see_ns | . >= 1000 and . < 20000] | length == 2 and all' "$work/a" "$work/again"
compared "another revision is told" 0 '.other == [{"what": "revision", "a": "1a2b3c4", "b": "5d6e7f8"}]' "$work/a" "$work/again"
compared "a run and itself" 0 '.verdict == "same"' "$work/a" "$work/a"
for seed in 11 12 13; do
	made "alike$seed" "$seed" 3
	compared "alike, seed $seed" 0 '.verdict == "same"' "$work/a" "$work/alike$seed"
done

for hop in queue shape send; do
	made "slow-$hop" 3 3 "delay=$hop,5000"
	compared "5 us more in $hop: that hop, and the way" 1 ".verdict == \"worse\" and ($hops) == [\"$hop\"] and any(.items[]; .what == \"path delay\" and .figure == \"p50\" and .verdict == \"worse\")" \
		"$work/a" "$work/slow-$hop"
done
compared "the other way about it is better" 0 ".verdict == \"better\" and ($hops) == [\"queue\"]" "$work/slow-queue" "$work/a"
compared "by how much: 5 us lies within the bounds of each cell, or nearly" 1 '[.items[] | select(.what == "queue" and .figure == "p50") | .cells[] | .by_ns > 3000 and .by_ns < 7000 and .lower_ns < .by_ns and .by_ns < .upper_ns] | length == 4 and all' \
	"$work/a" "$work/slow-queue"
compared "5 us are none when 10 us are the least" 0 '.verdict == "same"' --least 10us "$work/a" "$work/slow-queue"
compared "half of the figure is more than 5 us of a way, and less than 5 us of a hop" 1 "($hops) == [\"send\"] and all(.items[]; .hop or .verdict == \"same\")" --least 50% "$work/a" "$work/slow-send"

made lossy 4 3 lose=0.05
compared "lost frames" 1 '.verdict == "worse" and ([.items[] | select(.verdict == "worse") | .what] | unique) == ["missed"]' "$work/a" "$work/lossy"
made failed 5 3 fail=taktd-to-guest-flood
compared "a cell that failed in B only" 1 '.verdict == "worse" and .cells == 4 and .not_compared == [{"cell": "taktd-to-guest-flood", "why": "failed in B"}]' "$work/a" "$work/failed"
made failed-once 5 3 fail=taktd-to-guest-flood-r2
compared "a repetition that failed in B only" 1 '.verdict == "worse" and .cells == 5 and .not_compared == [{"cell": "taktd-to-guest-flood", "why": "some of its repetitions failed in B"}]' "$work/a" "$work/failed-once"
compared "a repetition that failed in A only" 0 '.verdict == "same" and .not_compared == []' "$work/failed-once" "$work/a"
made skipped 6 3 skip=veth
compared "one that was skipped is told, and no difference" 0 '.verdict == "same" and .cells == 4 and .not_compared[0].why == "was skipped in B"' "$work/a" "$work/skipped"

made two-a 7 2
made two-b 8 2
made two-slow 9 2 delay=queue,5000
compared "two repetitions: alike" 0 '.verdict == "same" and all(.items[]; .by != "rank")' "$work/two-a" "$work/two-b"
compared "two repetitions: 5 us more, by t" 1 "($hops) == [\"queue\"] and any(.items[]; .what == \"queue\" and .by == \"t\")" "$work/two-a" "$work/two-slow"
made one-a 7 1
made one-b 9 1 delay=queue,5000
compared "one repetition cannot tell" 77 '.verdict == "untold"' "$work/one-a" "$work/one-b"
made veth 10 3 only=veth
made taktd 10 3 only=taktd
compared "nothing in common" 77 '.verdict == "untold" and .cells == 0 and (.not_compared | length) == 5' "$work/veth" "$work/taktd"

"$takt" bench compare "$work/one-a" "$work/one-b" > "$work/text" 2>&1
if grep -q 'cannot be told: 5 cells with 1 repetition .*; 3 repetitions would do' "$work/text"; then ok "how many would be enough"; else fail "how many would be enough" "$(head -1 "$work/text")"; fi
"$takt" bench compare "$work/a" "$work/slow-shape" > "$work/text" 2>&1
if head -1 "$work/text" | grep -q '^B is worse: taktd path delay .*; hop: taktd shape p50 +5.00 us' && ! grep -q $'\033' "$work/text"; then ok "the first line is the verdict"; else fail "the first line is the verdict" "$(head -1 "$work/text")"; fi

# refused NAME WORD ARGS...: exit status 2, one sentence that has the word
refused() {
	local name=$1 word=$2 status
	shift 2
	"$takt" bench compare "$@" > "$work/out" 2> "$work/err"
	status=$?
	if [ "$status" = 2 ] && [ ! -s "$work/out" ] && [ "$(wc -l < "$work/err")" = 1 ] && grep -qF -- "$word" "$work/err"; then ok "refused: $name"; else fail "refused: $name" "$status: $(head -c 300 "$work/err")"; fi
}
made other 2 3 campaign=quick
refused "another campaign" '"made" in A and "quick" in B' "$work/a" "$work/other"
made cycle 2 3 cycle=2000000
refused "another traffic" 'traffic.cycle_ns is 1000000 in A and 2000000 in B' "$work/a" "$work/cycle"
cp -r "$work/again" "$work/cut" && truncate -s -1 "$work/cut/cells/veth-to-guest-none-r1/frames.dat"
refused "frames that were cut" "veth-to-guest-none-r1/frames.dat" "$work/a" "$work/cut"
cp -r "$work/again" "$work/bent" && echo '{' > "$work/bent/cells/taktd-to-guest-none-r2/cell.json"
refused "a cell.json that is none" "taktd-to-guest-none-r2/cell.json:" "$work/a" "$work/bent"
mkdir -p "$work/again/cells/.taktd-to-guest-cpu-r1" && echo '{' > "$work/again/cells/.taktd-to-guest-cpu-r1/cell.json"
compared "what is not finished is not read" 0 '.verdict == "same" and .cells == 5' "$work/a" "$work/again"
finish
