#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# takt cbs set and show on a running taktd: slopes change, the dump follows, a schedule scales them, and what is refused changes nothing.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

if [ "$(id -u)" != 0 ]; then
	skip cbs_set "needs root"
	finish
fi
taktd_ports << 'END' || { fail cbs_set "taktd did not start"; finish; }
  - name: a
    mem: yes
    credit-based-shaper: {6: 75Mb/s, 3: 64kb/s}
    launch-time: {7: {}}
    asynchronous-shaper: [4]
  - {name: b, mem: yes}
END

slopes() { taktd_ask cbs show "$1" --json | jq -c '[.classes[] | [.tc, ."admin-idle-slope", ."oper-idle-slope"]]'; }
dumped() { taktd_ask dump | sed -n 's/^ *credit-based-shaper: //p'; }
same() { # name, got, want
	if [ "$2" = "$3" ]; then ok "$1"; else fail "$1" "got $2, want $3"; fi
}
refused() { # what it has to say, arguments
	local says=$1 text status
	shift
	text=$(taktd_ask cbs set "$@" 2>&1)
	status=$?
	if [ "$status" = 2 ] && grep -qF "$says" <<< "$text"; then ok "refused: $*"; else fail "refused: $*" "$status: $text"; fi
}

same "as the file says" "$(slopes a)" '[[6,75000000,75000000],[3,64000,64000]]'
same "a port without" "$(slopes b)" '[]'
same "hiCredit and loCredit" "$(taktd_ask cbs show a --json | jq -c '.classes[0] | [.hi_bits, .lo_bits, .credit_bits]')" '[926,-11411,0]'
taktd_ask cbs set a 6 --idle-slope 100Mb/s > /dev/null && taktd_ask cbs set a 5 --stream 1518,1ms+300,125us > /dev/null &&
	taktd_ask cbs set a 3 --off > /dev/null || fail set "was refused"
want='[[6,100000000,100000000],[5,33072000,33072000]]'
same "after set" "$(slopes a)" "$want"
same "dump follows" "$(dumped)" '{6: 100Mb/s, 5: 33072kb/s}'
same "takt show follows" "$(shown '.ports[0].classes[6]."admin-idle-slope"' -)" 100000000
refused "class 7 goes by launch-time" a 7 --idle-slope 1Mb/s
refused "class 4 goes by asynchronous-shaper" a 4 --idle-slope 1Mb/s
refused "over the link's 1000000000 bit/s" a 6 --idle-slope 1Gb/s
refused "out of range" a 6 --idle-slope 2Gb/s
refused "\"fast\" is wrong" a 6 --idle-slope fast
refused "is no stream" a 6 --stream 1518
refused "give one of" a 6
refused "more than one rate" a 6 --off --idle-slope 1Mb/s
refused "is no class" a 8 --off
refused "no port is named c" c 6 --off
same "and nothing changed" "$(slopes a)" "$want"
same "nor in the dump" "$(dumped)" '{6: 100Mb/s, 5: 33072kb/s}'
echo 'admin-control-list: ["S 40 200000", "S bf 800000"]' | taktd_ask gate set a - > /dev/null || fail gate "was refused"
scaled() { [ "$(slopes a)" = '[[6,100000000,500000000],[5,33072000,41340000]]' ]; }
if until_true 5 scaled; then ok "scaled under a schedule"; else fail "scaled under a schedule" "$(slopes a)"; fi
warned='"class 6: its gate is open 20.0 % of the time, so an idle slope of 300000000 bit/s needs 1500000000 bit/s while it is, more than the link: '
same "over the link under a schedule: said so" "$(taktd_ask cbs set a 6 --idle-slope 300Mb/s --json | jq -c '.warnings[]' | cut -c 1-${#warned})" "$warned"
taktd_ask cbs set a 6 --idle-slope 300Mb/s | grep -q '^warning: class 6: its gate' && ok "in text too" || fail "in text too" "no warning"
same "under the link: nothing" "$(taktd_ask cbs set a 6 --idle-slope 100Mb/s --json | jq -c '.warnings')" '[]'
echo 'admin-control-list: ["S 40 200000", "S b7 800000"]' | taktd_ask gate set a - 2>&1 > "$work/set.log" | grep -q 'class 3 is never open' &&
	ok "gate set warns of a class that is never open" || fail "gate set" "no warning on standard error"
finish
