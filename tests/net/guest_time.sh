#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What docs/guest-time.md tells people to write is what the programs take: every phc2sys line, every chrony file, every ptp4l file.
# phc2sys only parses (-h ends it), ptp4l runs free in a namespace, chronyd prints what it read: nobody's clock is touched.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

page=docs/guest-time.md
# The indented block whose first line matches, its lines without indentation.
block() { awk -v want="$1" '/^    / { line = substr($0, 5); if (!in_block) { in_block = 1; on = line ~ want } if (on) print line; next } { in_block = on = 0 }' "$page"; }
blocks() { awk -v want="$1" '/^    / { line = substr($0, 5); if (!in_block) { in_block = 1; if (line ~ want) print line } next } { in_block = 0 }' "$page"; }

command -v phc2sys > /dev/null || { skip "guest time" "linuxptp is not installed: make deps"; finish; }

while read -r line; do
	# shellcheck disable=SC2086
	if timeout 5 $line -h > "$work/out" 2>&1; then ok "phc2sys takes: $line"; else fail "phc2sys takes: $line" "$(head -n 2 "$work/out")"; fi
done < <(grep -hoE '^    phc2sys .*' "$page" | sed 's/#.*//')
[ $((passed + failed)) -ge 2 ] || fail "phc2sys" "the page has no such lines any more"

while read -r first; do
	block "^$first\$" > "$work/chrony.conf"
	if ! command -v chronyd > /dev/null; then
		skip "chrony: $first" "chrony is not installed (nor wanted here: it would steer this machine's clock)"
	elif timeout 5 chronyd -p -f "$work/chrony.conf" > "$work/out" 2>&1; then
		ok "chrony takes: $first"
	else
		fail "chrony takes: $first" "$(tail -n 1 "$work/out")"
	fi
done < <(blocks '^# /etc/chrony/')

# A ptp4l file, when the page has one: as it stands there, comments too, because ptp4l refuses a comment behind a value.
if [ "$(id -u)" != 0 ]; then
	skip "ptp4l's file" "needs root"
elif block '^\[global\]' > "$work/block" && [ -s "$work/block" ]; then
	{ cat "$work/block"; echo "free_running 1"; echo "uds_address $work/s"; } > "$work/ptp4l.conf"
	if wire; then
		start ptp4l ip netns exec "$ns" ptp4l -f "$work/ptp4l.conf" -i "$peer_if" -m
		listens() { grep -q 'port 1.*INITIALIZING to LISTENING' "$work/ptp4l.log"; }
		if until_true 20 listens; then ok "ptp4l takes its file"; else fail "ptp4l takes its file" "$(head -n 1 "$work/ptp4l.log")"; fi
	else
		fail "ptp4l takes its file" "cannot make the namespace"
	fi
fi
finish
