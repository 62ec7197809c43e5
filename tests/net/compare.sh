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

# What B lacks is never "same".
made skipped 6 3 skip=veth
compared "one that was skipped in B" 77 '.verdict == "untold" and .verdict_of_common == "same" and .cells == 4 and .not_compared[0].why == "was skipped in B"' "$work/a" "$work/skipped"
compared "--common: the others are judged" 0 '.verdict == "same" and .cells == 4' --common "$work/a" "$work/skipped"
compared "one that was skipped in A" 0 '.verdict == "same" and .cells == 4 and .not_compared[0].why == "was skipped in A"' "$work/skipped" "$work/a"
made part 6 3 not=veth-.*-r3
compared "B is not finished: a repetition of one cell is missing" 77 '.verdict == "untold" and .verdict_of_common == "same" and .open_b == 1 and .open_a == 0 and .cells == 5 and .repetitions_b == 2' "$work/a" "$work/part"
compared "A is not finished" 0 '.verdict == "same" and .open_a == 1' "$work/part" "$work/a"
made slow-part 3 3 delay=queue,5000 not=veth
compared "B is not finished, and worse" 1 '.verdict == "worse" and .not_compared[0].why == "is not in B"' "$work/a" "$work/slow-part"
compared "B is not finished, and better" 77 '.verdict == "untold" and .verdict_of_common == "better"' "$work/slow-queue" "$work/part"
compared "B is not finished, and better, --common" 0 '.verdict == "better"' "$work/slow-queue" "$work/part" --common

# A hop that gets better alone makes no run better; one that gets worse makes it worse.
made moved 2 3 moves=queue,5000
compared "a hop alone is worse" 1 ".verdict == \"worse\" and ($hops) == [\"queue\"] and all(.items[]; .hop or .verdict == \"same\")" "$work/a" "$work/moved"
compared "a hop alone is better: the run is the same" 0 ".verdict == \"same\" and ($hops) == [\"queue\"] and any(.items[]; .hop and .verdict == \"better\")" "$work/moved" "$work/a"

# Figures that frames are too few for, or that one of the two does not tell.
compared "500 frames are too few for p99.9" 0 '[.figures_not_compared[] | select(.hop != true and .what == "path delay") | [.backend, .figure, .cells, .of, .needs, .fewest]] == [["taktd", "p99.9", 4, 4, 3688, 500], ["veth", "p99.9", 1, 1, 3688, 500]]' "$work/a" "$work/again"
made few 2 3 frames=367
compared "367 for p99, in B alone" 0 '[.figures_not_compared[] | select(.backend == "veth") | [.figure, .needs, .fewest]] == [["p99", 368, 367], ["p99.9", 3688, 367]]' "$work/a" "$work/few"
made none 2 3 frames=5
compared "five are too few for anything" 77 '.verdict == "untold" and [.items[].what] == ["missed", "missed"] and (.figures_not_compared | length) > 0' "$work/none" "$work/none"
made hidden 2 3 hide=shape
compared "a hop that B does not tell" 0 '[.figures_not_compared[] | select(.what == "shape") | [.figure, .cells, .fewest]] == [["p50", 4, 0], ["p99", 4, 0], ["p99.9", 4, 0]] and all(.items[]; .what != "shape")' "$work/a" "$work/hidden"

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
said() { "$takt" bench compare "${@:3}" > "$work/text" 2>&1; if grep -q -- "$2" "$work/text"; then ok "$1"; else fail "$1" "$(head -3 "$work/text")"; fi; }
said "what B lacks is said" '^cannot be told: 1 cell of A was not measured in B; in the 4 cells that both have: no difference was found' "$work/a" "$work/skipped"
said "and when it was not finished" '^cannot be told: B was not finished, 1 measurement of its campaign is missing; in the 5 cells that both have: no diff' "$work/a" "$work/part"
said "a hop alone, better" '^no difference found on the whole way in 5 cells; better in a hop alone: taktd queue p50 -5.48 us' "$work/moved" "$work/a"
said "a hop alone, worse" '^B is worse: hop alone, no difference was found on the whole way: taktd queue p50 +5.48 us' "$work/a" "$work/moved"
said "no latency at all" '^cannot be told: no cell has frames enough' "$work/none" "$work/none"
said "what frames are too few for" '^  not compared: taktd path delay p99.9 in 4 of 4 cells: it takes 3688 frames of a repetition, and one has 500$' "$work/a" "$work/again"

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
refused "another traffic" 'traffic.cycle_ns is 1ms in A and 2ms in B' "$work/a" "$work/cycle"
made longer 2 3 duration=5000000000
refused "another duration" 'traffic.duration_ns is 500ms in A and 5s in B' "$work/a" "$work/longer"
refused "a difference without a unit" '--least: "1000" has no unit' --least 1000 "$work/a" "$work/again"
cp -r "$work/again" "$work/cut" && truncate -s -1 "$work/cut/cells/veth-to-guest-none-r1/frames.dat"
refused "frames that were cut" "veth-to-guest-none-r1/frames.dat" "$work/a" "$work/cut"
cp -r "$work/again" "$work/bent" && echo '{' > "$work/bent/cells/taktd-to-guest-none-r2/cell.json"
refused "a cell.json that is none" "taktd-to-guest-none-r2/cell.json:" "$work/a" "$work/bent"
mkdir -p "$work/again/cells/.taktd-to-guest-cpu-r1" && echo '{' > "$work/again/cells/.taktd-to-guest-cpu-r1/cell.json"
compared "what is not finished is not read" 0 '.verdict == "same" and .cells == 5' "$work/a" "$work/again"
finish
