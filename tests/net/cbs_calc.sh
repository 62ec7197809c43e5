#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# takt cbs calc: what it prints for a program and for people, against numbers worked out by hand (802.1Q-2022 8.6.8.2, Annex L; tc-cbs(8)).

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

# A row: what to ask;jq expression;what it gives.
rows='
6=98688000;[.classes[0] | .send_bps, .hi_bits, .lo_bits, .hicredit, .locredit, .sendslope, .idleslope];[-901312000,1218,-11119,153,-1390,-901312,98688]
--idle-slope 20Mb/s --max-frame 1476;[.classes[0] | .hicredit, .locredit, .sendslope];[30,-1470,-980000]
--stream 1518,125us;[.classes[0] | .class, .idle_bps];[6,98688000]
--class 3 --stream 1518,125us;.classes[0].class;3
--stream 1518,1ms+298,125us;[.classes[0] | .idle_bps, .max_frame_bytes];[32944000,1518]
5=298,125us+298,125us 6=75Mb/s;[.classes[] | .class, .idle_bps, .max_frame_bytes];[6,75000000,1518,5,41216000,298]
6=75Mb/s 5=20Mb/s;[.classes[].hi_bits];[926,514]
--link-speed 100Mb/s 6=75Mb/s;[.link_bps, .reserved_percent, (.warnings | length)];[100000000,75,0]
--link-speed 100Mb/s 6=75001kb/s;[.warnings[] | test("75.0 %.*34.3.1")];[true]
6=75Mb/s;.classes[0].tc;"tc qdisc replace dev DEV parent 100:7 cbs hicredit 116 locredit -1427 sendslope -925000 idleslope 75000 offload 0"
'
while IFS=';' read -r args expression want; do
	[ -n "$args" ] || continue
	# shellcheck disable=SC2086
	got=$("$takt" cbs calc $args --json | jq -c "$expression" 2>&1)
	if [ "$got" = "$want" ]; then ok "cbs calc $args"; else fail "cbs calc $args" "$expression is $got, not $want"; fi
done <<< "$rows"

text=$("$takt" cbs calc 6=75Mb/s 5=20Mb/s)
if grep -qE '^ +5 +20000000 +-980000000 +514 +-12090 +1518$' <<< "$text" && grep -qF 'credit-based-shaper: {6: 75000000, 5: 20000000}' <<< "$text" &&
   [ "$(grep -c '^  tc qdisc replace dev DEV parent 100:[67] cbs ' <<< "$text")" = 2 ]; then
	ok "the same as text"
else
	fail "the same as text" "$(tr '\n' '~' <<< "$text")"
fi
finish
