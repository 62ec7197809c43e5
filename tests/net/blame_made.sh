#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# takt blame on recordings of what this machine may not be able to do: KVM's exits and halts, vhost-net's sleeping backend, a network card that stamps. They are
# made from texts (tests/data/blame), and say so. What was not exercised live is told at the end.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

[ -x "$O/tests/net/blame_scene" ] || { fail "made recordings" "$O/tests/net/blame_scene is missing: run make check-net, or make test"; finish; }

# causes SCENE: "SEQ FIRST" of each late frame, by number; and nothing may be wrong with any.
causes() {
	"$O/tests/net/blame_scene" "tests/data/blame/$1.scene" "$work/$1" &&
		"$takt" blame --input "$work/$1" -t 1ms --top 0 --json > "$work/$1.json" &&
		jq -r '[.frames[] | [.seq, .first]] | sort | map("\(.[0]) \(.[1])") | join(", ")' "$work/$1.json"
}
scene() { # NAME WANT
	local got
	got=$(causes "$1" 2> "$work/$1.log")
	if [ "$got" = "$2" ]; then ok "$1: $2"; else fail "$1" "got $got, want $2"; fi
	if jq -e 'all(.frames[]; ([.causes[].ns] | add) == .excess_ns)' "$work/$1.json" > /dev/null; then
		ok "$1: all add up"
	else
		fail "$1" "$(jq -c '.frames[] | select(([.causes[].ns] | add) != .excess_ns) | .seq' "$work/$1.json")"
	fi
}
shows() { # NAME FRAME WORDS
	if "$takt" blame --input "$work/$1" --frame "$2" | grep -q -- "$3"; then ok "$1: frame $2 shows \"$3\""; else fail "$1, frame $2" "does not show \"$3\""; fi
}

scene kvm "40 vcpu-exit, 41 halt, 42 halt, 43 vcpu-exit, 44 unknown"
shows kvm 40 "vcpu-exit.*EPT_VIOLATION (48)"
shows kvm 43 "vcpu-preempted.*backup/99"
scene vhost-net "40 kick-late, 41 no-kick, 42 worker-woken, 43 unknown"
shows vhost-net 42 "worker-woken.*backup/99"
scene nic "40 worker-irq, 41 unknown"
shows nic 40 "worker-irq.*eth0-TxRx-1 (131).*and others"

# -- what this was instead of -------------------------------------------------------------------------------------------
[ -e /dev/vhost-net ] || skip "vhost-net" "NOT EXERCISED LIVE: this kernel has no vhost-net; a made recording stood in for it"
[ -e /dev/ptp0 ] || skip "a card's stamps" "NOT EXERCISED LIVE: this machine has no network card with a clock; a made recording stood in for it"
skip "KVM's exits and halts" "NOT EXERCISED LIVE: guests of these tests run under TCG; a made recording stood in for KVM"
finish
