#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Twenty times at a random moment: the runner, taktd, User Mode Linux or QEMU is killed by SIGKILL, or the disk is full. Each time no finished cell is lost or changed, and
# no process, namespace, interface, mount or file is left; the campaign goes on, and comes to its end. Before that a jail as full as it can be (huge pages too)
# is killed from inside and from outside.
#
#   campaign_kill.sh [SEED]     the moments of a run before: it prints its seed

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

[ "$(nproc)" -gt 1 ] || { skip campaign_kill "one CPU: a backend's worker needs one of its own"; finish; }
O=$O scripts/guest-image uml qemu-6.1 > "$work/image.log" 2>&1 || { fail images "scripts/guest-image failed"; finish; }
seed=${1:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}
RANDOM=$seed
echo "seed $seed"
KILLS=${KILLS:-20}
export TAKT_KILL_TEST=$tag	# by that we know our own, whoever their parent is

# Processes with our word in their environment, zombies not counted; but for this script's own.
ours() {
	local p
	for p in /proc/[0-9]*; do
		[ "${p#/proc/}" = $$ ] || [ "${p#/proc/}" = "$BASHPID" ] || ! grep -qzs "^TAKT_KILL_TEST=$tag$" "$p/environ" || grep -qs '^State:.Z' "$p/status" || echo "${p#/proc/}"
	done
}
named() { # COMM: those of ours
	local p
	for p in $(ours); do
		[ "$(cat "/proc/$p/comm" 2> /dev/null)" != "$1" ] || echo "$p"
	done
}
# Whatever a cell or a scene makes has one of these names, and nothing else on this machine has.
things() {
	ls -d /run/netns/{far,guest,peer,noise,beside,scene-ns}* /run/takt/cell* /run/takt-cell* /run/scene /tmp/scene /tmp/takt-floor-* /dev/shm/{scene,takt-cell*} /run/dpdk/*cell* /sys/fs/bpf/scene 2> /dev/null
	ip -o link | grep -oE ' (p-[a-z0-9]*|wire0|eth0-cell|scene[01])[:@]'
	grep -E "$work|takt-cell" /proc/self/mountinfo | grep -v "$work/disk "
	true
}
mounts() { grep -cv -e nsfs -e netns /proc/self/mountinfo; }
# Our processes die at once, their memory and the keeper's pages a moment later.
clean() { [ -z "$(ours)" ] && [ "$(things)" = "$things_before" ]; }
things_before=$(things)

# -- a jail
pages_idle() { cat /sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages; }
pages_all() { cat /proc/sys/vm/nr_hugepages; }
scene_ready() { grep -qs ready "$work/jail/jail.log"; }
segments() { ipcs -m | grep -c 0x; }
for how in leave outside inside keeper-last; do
	name="a jail, $how: nothing is left of it, and huge pages are given back"
	rm -rf "$work/jail"
	mkdir "$work/jail"
	shm=$(segments) had=$(pages_all)
	start scene "$O/tests/net/jail_scene" $(($(pages_idle) + 4)) "$work/jail"
	until_true 20 scene_ready || { fail "$name" "$(cat "$work/jail/jail.log" "$work/scene.log")"; halt scene KILL; continue; }
	inside=$(for p in $(named jail_scene); do [ "$(grep -s ^NSpid "/proc/$p/status" | awk '{ print $NF }')" != 1 ] || echo "$p"; done)
	grown=$(pages_all)
	case $how in
	leave) touch "$work/jail/leave" ;;
	outside) kill -KILL "${pid[scene]}" ;;
	inside) kill -KILL "$inside" ;;
	keeper-last) kill -KILL "${pid[scene]}" "$inside" ;;
	esac
	halt scene 0
	back() { [ "$(pages_all)" -le "$had" ]; }
	until_true 20 clean
	until_true 20 back
	if clean && [ -n "$inside" ] && [ "$grown" -gt "$had" ] && [ "$(pages_all)" = "$had" ] && [ "$(segments)" = "$shm" ] && grep -q ^scene0$ "$work/jail/seen" && ! grep -q ^bash$ "$work/jail/seen"; then
		ok "$name"
	else
		fail "$name" "inside $inside, pages $had $grown $(pages_all), left: $(ours) $(things)"
	fi
done

# -- a campaign
cat > "$work/kill.yaml" <<-'END'
	campaign: kill
	matrix:
	  backend: [veth, taktd]
	  guest: [none, uml, qemu-6.1]
	  direction: [to-guest, round-trip]
	except:
	  - {backend: veth, guest: [uml, qemu-6.1]}
	  - {guest: qemu-6.1, direction: to-guest}
	  - {guest: [none, uml], direction: round-trip}
	traffic: {cycle: 1ms, size: 128, duration: 300ms, warm-up: 100ms}
	repetitions: 2
	retries: 10
	timeout: 40s
END
mkdir "$work/disk"
mount -t tmpfs -o size=24m tmpfs "$work/disk"
trap 'umount -l "$work/disk"; clean_up' EXIT
results=$work/disk/results
mounts_before=$(mounts)

sums() { (cd "$dir/cells" 2> /dev/null && for c in *; do [ "$(jq -r .status "$c/cell.json" 2> /dev/null)" != ok ] || find "$c" -type f -exec sha256sum {} +; done | LC_ALL=C sort); }
log=$work/run.log
begin() {
	local resume=()
	[ -z "${dir:-}" ] || resume=(--resume "$dir")
	start run "$takt" bench run "${resume[@]:-$work/kill.yaml}" --results "$results" --keep-going
	until_true 20 under_way
	dir=$(readlink -f "$results/kill/latest")
}
under_way() { [ -n "$(find "$(readlink -f "$results/kill/latest")/cells" -name '.?*' 2> /dev/null)" ] || ! alive run; }
ended() { ! alive run; }
moment() { sleep "$((RANDOM % $1 / 1000)).$(printf %03d $((RANDOM % 1000)))"; }
victim() { # COMM: one of that name, soon; or the runner has ended
	local end=$((SECONDS + 8))
	while alive run && [ $SECONDS -lt $end ]; do
		named "$1" | head -n 1 | grep . && return
		sleep 0.05
	done
	return 1
}

# Nothing that was finished is another now; what failed may be measured anew.
declare -A killed=()
bad=
seen() {
	local lost
	sums > "$work/sums.now"
	lost=$(LC_ALL=C comm -13 "$work/sums.now" "$work/sums")
	[ -z "$lost" ] || bad+="after $1: lost or changed: $(head -n 2 <<< "$lost"); "
	mv "$work/sums.now" "$work/sums"
}
gone() { # after $1, when the runner has ended
	until_true 15 clean || bad+="after $1: left: $(for p in $(ours); do tr '\0' ' ' < "/proc/$p/cmdline"; done) $(things); "
	[ "$(mounts)" = "$mounts_before" ] || bad+="after $1: $(mounts) mounts, not $mounts_before; "
	[ -z "$(find "$results/kill" -name '.latest*')" ] || bad+="after $1: a half-made link; "
}
: > "$work/sums"
unset dir
begin
deadline=$((SECONDS + 400))
for ((kill = 1; kill <= KILLS && SECONDS < deadline; kill++)); do
	if ! alive run; then
		halt run 0
		jq -e .finished "$dir/meta.json" > /dev/null 2>&1 && { unset dir; : > "$work/sums"; }
		begin
	fi
	what=$(printf '%s\n' runner runner runner taktd taktd kernel qemu-system-x86 disk | sed -n "$((RANDOM % 8 + 1))p")
	[ "$kill" != 3 ] || what=taktd
	[ "$kill" != 6 ] || what=kernel
	[ "$kill" != 9 ] || what=disk
	[ "$kill" != 12 ] || what=qemu-system-x86
	case $what in
	runner) moment 2000 ;;
	taktd | kernel | qemu-system-x86)	# kernel is User Mode Linux
		if p=$(victim $what); then
			moment 1000
			kill -KILL $p 2> /dev/null || { kill=$((kill - 1)); continue; }	# it had ended
		else
			what=runner
		fi ;;
	disk)
		moment 1000
		dd if=/dev/zero of="$work/disk/filler" bs=64k > /dev/null 2>&1
		until_true 60 ended
		halt run 0
		status=$?
		if [ $status != 1 ] || ! grep -q 'No space left\|the disk is full' "$log"; then
			[ $status = 0 ] || bad+="full disk: exit $status: $(tail -n 1 "$log"); "
		fi
		rm "$work/disk/filler" ;;
	esac
	[ "$what" != runner ] || halt run KILL
	killed[$what]=$((${killed[$what]:-0} + 1))
	alive run 2> /dev/null || gone "kill $kill, $what"
	seen "kill $kill, $what"
	[ -z "$bad" ] || break
done
kill=$((kill - 1))
for what in "${!killed[@]}"; do echo "      $what: ${killed[$what]}"; done
name="$KILLS kills: no finished cell is lost or changed, nothing is left behind"
if [ -z "$bad" ] && [ $kill -ge $KILLS ]; then ok "$name"; else fail "$name" "seed $seed, $kill kills: $bad"; fi

name="and what was killed comes to its end"
until_true 60 ended
if ! alive run; then
	halt run 0
	jq -e .finished "$dir/meta.json" > /dev/null 2>&1 || { begin; until_true 120 ended; halt run 0; }
fi
seen "the end"
if [ -z "$bad" ] && jq -e '.finished and .cells.ok == 8' "$dir/meta.json" > /dev/null && [ "$(ls "$dir/cells" | wc -l)" = 8 ]; then
	ok "$name"
else
	fail "$name" "seed $seed: $bad $(jq -c .cells "$dir/meta.json"), $(tail -n 2 "$log")"
fi
gone "the end"
name="the end: nothing is left"
if [ -z "$bad" ]; then ok "$name"; else fail "$name" "$bad"; fi
finish
