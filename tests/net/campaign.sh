#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# `takt bench run` and `rerun`: order and names, a folder as docs/results.md has it, Ctrl-C and going on, time limits, what fails and what is skipped,
# refusals. Cells are those of a veth pair alone: real talker, real listener, a second and a half.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

[ "$(nproc)" -gt 1 ] || { skip campaign "one CPU: a backend's worker needs one of its own"; finish; }
results=$work/results
cat > "$work/small.yaml" <<-'END'
	campaign: small
	title: Three sizes of frames
	matrix:
	  backend: [veth]
	  guest: [none]
	  direction: [to-guest]
	  size: [64, 256, 1000]
	traffic: {cycle: 1ms, size: 128, priority: 7, vlan: 10, duration: 300ms, warm-up: 100ms, deadline: 1ms}
	repetitions: 2
	timeout: 30s
END
run() { timeout -k 5 120 "$takt" bench run --results "$results" "$@"; }
order() { run "$work/small.yaml" --dry-run --json "$@" | jq -r '.cells[].cell' | tr '\n' ' '; }
check() { # NAME COMMAND...: ok when it succeeds
	local name=$1
	shift
	if "$@" > "$work/check.log" 2>&1; then ok "$name"; else fail "$name" "$(tail -n 3 "$work/check.log")"; fi
}
latest() { readlink -f "$results/$1/latest"; }
cells() { jq -r "$2" "$1"/cells/*/cell.json; }
# Checksums of all that is finished and ok.
sums() { (cd "$1/cells" && for c in *; do [ "$(jq -r .status "$c/cell.json")" != ok ] || find "$c" -type f -exec sha256sum {} +; done | LC_ALL=C sort); }

# -- order and names
name="the same seed gives the same order, each repetition one of its own, all cells once"
a=$(order --seed 5) b=$(order --seed 5)
first=$(tr ' ' '\n' <<< "$a" | sed -n 's/-r1$//p' | tr '\n' ' ') second=$(tr ' ' '\n' <<< "$a" | sed -n 's/-r2$//p' | tr '\n' ' ')
all=$(tr ' ' '\n' <<< "$a" | sort | tr '\n' ' ')
if [ "$a" = "$b" ] && [ "$all" = " 1000-r1 1000-r2 256-r1 256-r2 64-r1 64-r2 " ] && [[ $a =~ ^([0-9]+-r1 ){3}([0-9]+-r2 ){3}$ ]]; then
	ok "$name"
else
	fail "$name" "$a|$b|$all"
fi
name="other seeds give other orders"
others=$(for seed in 1 2 3 4 6 7; do order --seed $seed; echo; done | sort -u | wc -l)
if [ "$others" -gt 2 ]; then ok "$name"; else fail "$name" "$others of 6"; fi
name="--only leaves cells their names, and --repetitions more of them"
got=$(order --seed 5 --only size=256 -r 3)
if [ "$got" = "256-r1 256-r2 256-r3 " ]; then ok "$name"; else fail "$name" "$got"; fi
check "a dry run makes nothing" test ! -e "$results"

# -- all of it
run "$work/small.yaml" --seed 5 --json > "$work/lines" 2> "$work/err.log"
status=$?
dir=$(latest small)
name="a campaign runs to its end"
if [ $status = 0 ] && [ "$(grep -c '"status": *"ok"' "$work/lines")" = 6 ] && [ "$(tail -n 1 "$work/lines" | jq -r .result)" = "$dir" ]; then
	ok "$name"
else
	fail "$name" "exit $status: $(tail -n 2 "$work/lines" "$work/err.log")"
fi
name="cells were measured in the order of the dry run, one after the other"
got=$(jq -r 'select(.cell) | .cell' "$work/lines" | tr '\n' ' ')
mono=$(jq -s 'sort_by(.position) | [range(1; length) as $i | .[$i].t_begin >= .[$i - 1].t_end] | all' "$dir"/cells/*/cell.json)
if [ "$got" = "$a" ] && [ "$mono" = true ]; then ok "$name"; else fail "$name" "$got, in time: $mono"; fi
check "campaign.yaml is what was read, byte by byte" cmp "$work/small.yaml" "$dir/campaign.yaml"
name="each cell has its folder, its name, its place, and its frames"
got=$(jq -r '[.cell, .position, .repetition, .axes.size, .counts.due, (.seed | type)] | join(" ")' "$dir"/cells/*/cell.json | sort -k 2n |
	awk '$1 == $4 "-r" $3 && $2 == NR && $5 == 300 && $6 == "number"' | wc -l)
folders=$(for c in "$dir"/cells/*; do [ "$(jq -r .cell "$c/cell.json")" = "${c##*/}" ] && [ -s "$c/frames.dat" ] && echo; done | wc -l)
if [ "$got" = 6 ] && [ "$folders" = 6 ]; then ok "$name"; else fail "$name" "$got of 6, $folders of 6 folders: $(ls "$dir/cells")"; fi
check "meta.json says what it takes to repeat it" jq -e '.campaign == "small" and .planned == 6 and .finished and .asked.seed == 5 and .cells.ok == 6
	and (.kernel | length > 0) and (.cpu_flags | length > 0) and (.mitigations | length > 0) and (.sysctls | length > 5) and (.packages | length > 0)
	and (.command | index("--seed")) and .floor_before.max_ns > 0 and .floor_after.max_ns > 0 and (.rev | length > 0) and (.kernel_parameters | type == "array")' "$dir/meta.json"
check "nothing in it says where it was measured" test -z "$(grep -rlF -e "$PWD" -e "$dir" "$dir")"
check "nothing with a dot is left" test -z "$(find "$results" -name '.?*')"

# -- Ctrl-C, and on
cp -r "$dir" "$work/before"
start run "$takt" bench run "$work/small.yaml" --results "$results" --seed 9
some() { d=$(latest small) && [ "$d" != "$dir" ] && [ "$(find "$d/cells" -mindepth 1 -maxdepth 1 -not -name '.*' | wc -l)" -ge 2 ]; }
until_true 60 some
sleep 0.3
dir2=$(latest small)
name="a second runner of the same folder is refused"
status=0
run --resume "$dir2" > "$work/out" 2> "$work/err" || status=$?
if [ $status = 2 ] && grep -q 'somebody is measuring' "$work/err"; then ok "$name"; else fail "$name" "exit $status: $(cat "$work/err")"; fi
halt run INT
status=$?
name="Ctrl-C: exit 130, how to go on, nothing half-finished"
if [ $status = 130 ] && grep -q "takt bench run --resume $dir2" "$work/run.log" && [ -z "$(find "$dir2/cells" -name '.?*')" ] && ! jq -e .finished "$dir2/meta.json" > /dev/null; then
	ok "$name"
else
	fail "$name" "exit $status: $(tail -n 2 "$work/run.log"), $(ls -A "$dir2/cells")"
fi
sums "$dir2" > "$work/sums"
want=$(order --seed 9)
run "$work/small.yaml" --resume > "$work/out" 2> "$work/err.log"
status=$?
name="resumed by its file: what was finished is as it was, the rest is measured, in the same order"
got=$(jq -r '[.position, .cell] | join(" ")' "$dir2"/cells/*/cell.json | sort -n | cut -d ' ' -f 2 | tr '\n' ' ')
if [ $status = 0 ] && [ -s "$work/sums" ] && sums "$dir2" | LC_ALL=C comm -13 - "$work/sums" | { ! grep .; } && [ "$got" = "$want" ] &&
	jq -e '.finished and .cells.ok == 6 and (.resumed | length) == 1 and .asked.seed == 9' "$dir2/meta.json" > /dev/null; then
	ok "$name"
else
	fail "$name" "exit $status: $got: $(tail -n 1 "$work/err.log")"
fi
name="a finished run is not gone on with"
status=0
run "$work/small.yaml" --resume > "$work/out" 2> "$work/err" || status=$?
if [ $status = 2 ] && grep -q 'no unfinished run' "$work/err"; then ok "$name"; else fail "$name" "exit $status: $(cat "$work/err")"; fi
check "another run's folder was not touched" diff -r "$dir" "$work/before"

# -- again
timeout 120 "$takt" bench rerun "$dir" --results "$results" > "$work/out" 2> "$work/err.log"
status=$?
dir3=$(latest small)
name="rerun: a new folder, the same cells in the same order"
got=$(jq -r '[.position, .cell] | join(" ")' "$dir3"/cells/*/cell.json | sort -n | cut -d ' ' -f 2 | tr '\n' ' ')
seeds() { jq -r '[.cell, .seed] | join(" ")' "$1"/cells/*/cell.json; }
if [ $status = 0 ] && [ "$dir3" != "$dir" ] && [ "$got" = "$a" ] && [ "$(seeds "$dir3")" = "$(seeds "$dir")" ] && cmp -s "$dir/campaign.yaml" "$dir3/campaign.yaml" &&
	jq -e --arg d "$dir" '.rerun_of == $d and .asked.seed == 5' "$dir3/meta.json" > /dev/null; then
	ok "$name"
else
	fail "$name" "exit $status: $got"
fi

# -- what does not come out
sed 's/campaign: small/campaign: slow/; s/timeout: 30s/timeout: 1s/' "$work/small.yaml" > "$work/slow.yaml"	# a floor, frames and a wait for late ones take longer than that
run "$work/slow.yaml" --only size=64 -r 1 --json > "$work/lines" 2> "$work/err.log"
status=$?
dir=$(latest slow)
name="a cell that takes too long has failed, says so, and is tried once more at the end"
if [ $status = 1 ] && [ "$(grep -c '"status": *"failed"' "$work/lines")" = 2 ] && jq -e '.status == "failed" and (.reason | contains("within 1s"))' "$dir/cells/64-r1/cell.json" > /dev/null &&
	jq -e '.finished and .cells.failed == 1 and .retried == ["64-r1"]' "$dir/meta.json" > /dev/null &&
	[ "$(jq -r 'select(.cell) | [.done, .again] | join(" ")' "$work/lines" | tr '\n' ,)" = "1 false,1 true," ]; then
	ok "$name"
else
	fail "$name" "exit $status: $(cat "$work/lines" "$work/err.log")"
fi
sed -i 's/repetitions: 2/retries: 0/' "$work/slow.yaml"
run "$work/slow.yaml" -r 2 > "$work/out" 2> "$work/err"
status=$?
name="three failures in a row end it: exit 1, the rest is left"
if [ $status = 1 ] && grep -q '3 cells in a row.*--keep-going' "$work/err" && jq -e '.cells.failed == 3 and .cells.left == 3 and (.finished | not)' "$(latest slow)/meta.json" > /dev/null; then
	ok "$name"
else
	fail "$name" "exit $status: $(cat "$work/err")"
fi
mkdir "$work/no-guests"
sed 's/campaign: small/campaign: other/; s/guest: .*/guest: [none, uml]/; s/backend: .*/backend: [veth, taktd]/; s/size: .*/size: [64]/; s/^traffic: /traffic: /
	s/^repetitions/except: [{backend: veth, guest: uml}, {backend: taktd, guest: none}]\nrepetitions/' "$work/small.yaml" |
	sed 's/^traffic: .*/traffic: {duration: 300ms, warm-up: 100ms}/' > "$work/other.yaml"
run "$work/other.yaml" -r 1 --kernel-dir "$work/no-guests" --json > "$work/lines" 2> "$work/err.log"
status=$?
name="what cannot be here is skipped, with the reason, in a folder of its own"
if [ $status = 0 ] && jq -e '.status == "skipped" and (.reason | contains("guest-image uml"))' "$(latest other)/cells/taktd-uml-r1/cell.json" > /dev/null && jq -e '.cells == {"ok": 1, "skipped": 1, "failed": 0, "left": 0}' "$(latest other)/meta.json" > /dev/null; then
	ok "$name"
else
	fail "$name" "exit $status: $(cat "$work/lines" "$work/err.log")"
fi
status=0
run "$work/other.yaml" -r 1 --only guest=uml --kernel-dir "$work/no-guests" > "$work/out" 2> "$work/err.log" || status=$?
check "nothing of it can be measured here: exit 77" test $status = 77

# -- a terminal
name="on a terminal: a bar, how far it is, what is left"
script -qec "$takt bench run $work/small.yaml --results $results -r 1 --duration 2s --only size=64,256" /dev/null < /dev/null > "$work/typed" 2>&1
if tr '\r' '\n' < "$work/typed" | grep -q '\[#*\.*\] 1 of 2, [0-9].* left: .*-r1, [0-9]* s' && grep -q 'takt bench report' "$work/typed"; then ok "$name"; else fail "$name" "$(tail -c 300 "$work/typed")"; fi

name="on a terminal too narrow for the name: seconds are whole, the name gives way"
script -qec "stty cols 40; $takt bench run $work/small.yaml --results $results -r 1 --duration 1s --only size=64" /dev/null < /dev/null > "$work/narrow" 2>&1
bar=$(tr '\r' '\n' < "$work/narrow" | grep '0 of 1')
if [ -n "$bar" ] && ! grep -v '\.\.\., [0-9]* s.\[K$' <<< "$bar"; then ok "$name"; else fail "$name" "$(head -n 3 <<< "$bar")"; fi

# -- a folder from elsewhere: nothing outside of it is written or removed
name="cells that are a link elsewhere: refused, and nothing there is removed"
cp -r "$dir2" "$work/linked" && rm -r "$work/linked/cells" && mkdir -p "$work/home/.ssh" && ln -s "$work/home" "$work/linked/cells"
status=0
run --resume "$work/linked" > "$work/out" 2> "$work/err" || status=$?
if [ $status = 2 ] && grep -q 'is no folder' "$work/err" && [ -d "$work/home/.ssh" ]; then ok "$name"; else fail "$name" "exit $status: $(cat "$work/err")"; fi
name="a file that is put is not written through a link"
cp -r "$dir2" "$work/through" && echo precious > "$work/precious" && ln -s "$work/precious" "$work/through/.meta.json"
run --resume "$work/through" > "$work/out" 2> "$work/err"
status=$?
if [ $status = 0 ] && [ "$(cat "$work/precious")" = precious ] && [ -f "$work/through/meta.json" ]; then ok "$name"; else fail "$name" "exit $status, and the file has $(head -c 40 "$work/precious")"; fi

name="a folder's programs, kernels and hosts are not believed: each has to be named beside --resume, and none is asked for by rerun"
cp -r "$dir2" "$work/elsewhere"
printf '#!/bin/sh\ntouch %s/run-by-us\n' "$work" > "$work/evil"
chmod +x "$work/evil"
hostile() { # KEY VALUE: the folder says so
	jq --arg v "$2" ".finished = false | .asked.$1 = \$v" "$dir2/meta.json" > "$work/elsewhere/meta.json"
}
said=
for row in taktd:evil kernel_dir:no-guests inventory:evil; do
	hostile "${row%:*}" "$work/${row#*:}"
	status=0
	run --resume "$work/elsewhere" > "$work/out" 2> "$work/err" || status=$?
	option=$(tr _ - <<< "${row%:*}")
	[ $status = 2 ] && grep -q -e "was measured with --$option $work/${row#*:}: give that beside --resume" "$work/err" || said+="$row: exit $status: $(cat "$work/err"); "
done
sed 's/backend: .*/backend: [hosts]/; $a hosts: {inventory: '"$work/evil"', talker: a, listener: b}' "$work/small.yaml" > "$work/elsewhere/campaign.yaml"
cp "$dir2/meta.json" "$work/elsewhere/meta.json"
for how in "run --resume" rerun; do
	status=0
	# shellcheck disable=SC2086
	timeout 60 "$takt" bench $how "$work/elsewhere" --results "$results" > "$work/out" 2> "$work/err" || status=$?
	[ $status = 2 ] && grep -q 'say which by --inventory' "$work/err" || said+="$how: exit $status: $(cat "$work/err"); "
done
if [ -z "$said" ] && [ ! -e "$work/run-by-us" ]; then ok "$name"; else fail "$name" "$said$(ls "$work/run-by-us")"; fi
name="what was measured with another kernel-dir goes on with it when it is named, by whatever path"
hostile kernel_dir "$work/no-guests"
cp "$dir2/campaign.yaml" "$work/elsewhere/campaign.yaml"
ln -s no-guests "$work/same-guests"
run --resume "$work/elsewhere" --kernel-dir "$work/same-guests" --dry-run > "$work/out" 2> "$work/err"
status=$?
if [ $status = 0 ] && [ "$(grep -c ' done$' "$work/out")" = 6 ] && grep -q '6 done already; about 0 s' "$work/out"; then ok "$name"; else fail "$name" "exit $status: $(tail -n 2 "$work/out" "$work/err")"; fi

# -- before anything is made
name="too little room on the disk: said before there is a folder"
sed 's/campaign: small/campaign: large/; s/timeout: 30s/timeout: 2h/' "$work/small.yaml" > "$work/large.yaml"
status=0
run "$work/large.yaml" -r 1000 -d 1h > "$work/out" 2> "$work/err" || status=$?
if [ $status = 1 ] && grep -q 'MiB are free, and 3000 cells take some [0-9]* MiB' "$work/err" && [ ! -e "$results/large" ]; then ok "$name"; else fail "$name" "exit $status: $(cat "$work/err"), $(ls "$results")"; fi
name="a program that each cell needs is not there: said which package has it"
status=0
PATH=/nonexistent "$takt" bench run "$work/small.yaml" --dry-run > "$work/out" 2> "$work/err" || status=$?
if [ $status = 2 ] && grep -q 'ip is not in PATH.*apt-get install iproute2' "$work/err"; then ok "$name"; else fail "$name" "exit $status: $(cat "$work/err")"; fi
cat > "$work/schedule.yaml" <<-'END'
	campaign: schedule
	matrix: {backend: [veth, taktd], guest: [none, uml], schedule: [none, gates]}
	except: [{backend: veth, guest: uml}, {backend: veth, schedule: gates}]
	schedules:
	  other: {traffic-class-table: [0, 0, 0, 0, 0, 0, 0, 0]}
	  gates: {gate-parameters: {admin-cycle-time: 1ms, admin-control-list: [S 80 300000, S 7f 700000]}}
END
check "schedules that are good are taken" run "$work/schedule.yaml" --dry-run
typo() { sed "$1" "$work/schedule.yaml" > "$work/typo.yaml"; }
while IFS='|' read -r words change; do
	typo "$change"
	name="a schedule is understood before anything is made, by --dry-run too: $change"
	bad=
	for how in --dry-run "" "--only schedule=none --only backend=veth"; do
		status=0
		# shellcheck disable=SC2086
		run "$work/typo.yaml" $how > "$work/out" 2> "$work/err" || status=$?
		[ $status = 2 ] && [ "$(wc -l < "$work/err")" = 1 ] && grep -q -e "typo.yaml:$words" "$work/err" && [ ! -e "$results/schedule" ] || bad+="$how: exit $status: $(cat "$work/err"); "
	done
	if [ -z "$bad" ]; then ok "$name"; else fail "$name" "$bad"; fi
done <<-END
	6: schedules: gates: .*admin-controll-list.*did you mean.*admin-control-list|s/admin-control-list/admin-controll-list/
	6: schedules: gates: .*admin-cycle-time.*1m|s/admin-cycle-time: 1ms/admin-cycle-time: 1mm/
	6: schedules: gates: .*admin-control-list.*|s/S 7f 700000/S 7f 0/
	5: schedules: other: .*traffic-class-table|s/\\[0, 0/[9, 0/
END

# -- refusals: words, command
while IFS='|' read -r words command; do
	[ -n "$words" ] || continue
	before=$(find "$results" | sort | sha256sum)
	# shellcheck disable=SC2086
	eval "timeout 20 $takt bench $command" > "$work/out" 2> "$work/err" < /dev/null
	status=$?
	if [ $status = 2 ] && [ "$(wc -l < "$work/err")" = 1 ] && grep -q -e "$words" "$work/err" && [ "$(find "$results" | sort | sha256sum)" = "$before" ]; then
		ok "refused: $command"
	else
		fail "refused: $command" "exit $status: $(cat "$work/err")"
	fi
done <<-END
	No such file|run /nonexistent.yaml
	is a folder|run \$results/small/latest --results \$results
	give a result|rerun \$work
	give a result|run --resume \$work
	leave out --only|run \$work/small.yaml --resume --only size=64
	choose from 64, 256, 1000|run \$work/small.yaml --only size=65 --results \$results
	takt bench axes|run \$work/small.yaml --only sise=64 --results \$results
	this machine has|run \$work/small.yaml --cpu 1000 --results \$results
	no unfinished run|run \$work/small.yaml --resume --results \$work/nowhere
	out of range|run \$work/small.yaml --duration 1ms
	nosuch|run \$work/small.yaml --taktd /nosuch --results \$results
	give 0 to|run \$work/small.yaml --dry-run --cpu 1000 --results \$results
	is no folder|run \$work/small.yaml --dry-run --results \$work/small.yaml
	is no folder|run \$work/small.yaml --results \$work/small.yaml/below
	timeout: 30s is less|run \$work/small.yaml --dry-run --duration 40s --results \$results
	timeout: 30s is less|run \$work/small.yaml --duration 40s --results \$results
	has no hosts|run \$work/small.yaml --inventory \$work/small.yaml --results \$results
	no cell is left|run \$work/other.yaml --only guest=uml --only backend=veth --results \$results
END
name="axes and keys have help and defaults"
if "$takt" bench axes --json | jq -e 'length == 10 and all(.[]; (.name and .help and .default))' > /dev/null && "$takt" bench axes --keys --json | jq -e 'length > 10 and all(.[]; .key and .help)' > /dev/null; then ok "$name"; else fail "$name" "$("$takt" bench axes | head -n 3)"; fi
finish
