#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What follows a taktd that is killed: it tells what it has and ends, long before its own time; and a disk that is full leaves no half of a recording.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

[ "$(id -u)" = 0 ] || { skip "a taktd that is killed" "needs root"; finish; }
wire
taktd_start "g , link-speed: 1000000000" || { fail "taktd starts" "$(tail -n 1 "$work/taktd.log")"; finish; }
ctl=$work/run/$tag.ctl
: > "$work/g.ev"

mkdir "$work/small"
if mount -t tmpfs -o size=4k none "$work/small" 2> /dev/null; then
	"$takt" record --name "$ctl" -i 100ms -o "$work/small/r" > /dev/null 2> "$work/err"
	status=$?
	[ "$status" = 1 ] && grep -q 'No space left' "$work/err" && [ -z "$(ls "$work/small")" ] && ok "a full disk: said, and nothing left behind" ||
		fail "a full disk" "status $status: $(tail -n 1 "$work/err") $(ls "$work/small")"
	umount "$work/small"
else
	skip "a full disk" "no tmpfs can be mounted"
fi

start path "$takt" path -g "g=$work/g.ev" --interval 600s --json --name "$ctl"
start record "$takt" record -o "$work/recording" --interval 600s --name "$ctl"
start export "$takt" export jsonl -o "$work/frames" --duration 600s --name "$ctl"
maps() { grep -q "takt-$tag.rec" "/proc/${pid[path]}/maps" && grep -q "takt-$tag.rec" "/proc/${pid[record]}/maps" && grep -q "takt-$tag.rec" "/proc/${pid[export]}/maps"; }
until_true 20 maps || fail "they follow" "nobody maps the records"
kill -STOP "${pid[taktd]}"
sleep 5
maps && ok "a taktd that is stopped is waited for" || fail "a taktd that is stopped is waited for" "somebody went"
halt taktd KILL
for name in path record export; do
	gone() { ! kill -0 "${pid[$name]}" 2> /dev/null; }
	until_true 30 gone && ok "takt $name ends when taktd was killed" || fail "takt $name ends when taktd was killed" "it goes on"
	halt "$name" INT
done
[ "$(stat -c %a "$work/recording")" = 700 ] && ok "a recording is its owner's" || fail "a recording is its owner's" "$(stat -c %A "$work/recording")"
finish
