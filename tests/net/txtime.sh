#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# takt send --txtime in a guest whose kernel has etf: frames wait in the kernel until they are due; those that come too late are told, and counted; without a queue that waits
# it is refused.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

frames=100
tc=$(command -v tc) ip=$(command -v ip)
[ -n "$tc" ] && [ -n "$ip" ] || { skip txtime "tc or ip is not installed"; finish; }
cat > "$work/play.sh" <<END
while read -r module; do case \$module in *etf*|*veth*) insmod \$module ;; esac; done < /modules/extra
/usr/sbin/ip link add v0 type veth peer name v1 && ip link set v0 up && ip link set v1 up
takt send -i v0 --txtime --advance 1ms --count 1; echo "refused \$?"
/usr/sbin/tc qdisc replace dev v0 root etf clockid CLOCK_TAI delta 500000; echo "etf \$?"
takt recv -i v1 --idle 3s --timeout 60s --log /run/came > /dev/null 2>&1 &
sleep 1
takt send -i v0 --cycle 5ms --count $frames --txtime --advance 4ms --log /run/sent --json | sed 's/^/early /'
wait
takt report /run/sent /run/came -f 'frame %u %d %d %d %d\n' -a qSstr
takt send -i v0 --cycle 5ms --count $frames --txtime --advance 1us --json | sed 's/^/late /'
echo over
END
timeout 120 "$takt" vm run --uml --name "$tag" --timeout 100s --kernel-dir "$O/guest" \
	--files "$tc=/usr/sbin/tc,$ip=/usr/sbin/ip,$work/play.sh=/play.sh$(with_libs "$tc" "$ip")" -- sh /play.sh 2> "$work/guest.log" | tr -d '\r' > "$work/out.log"
said() { grep -q "$1" "$work/out.log" "$work/guest.log"; }
told() { sed -n "s/^$1 {/{/p" "$work/out.log"; }

said '^over' && said '^etf 0' || { fail txtime "the guest did not come to its end, or has no etf"; finish; }
if said 'refused 2' && said 'no queueing discipline that waits'; then ok "no queue that waits: refused"; else fail "no queue that waits" "not refused"; fi

# A timer of the guest that is late by more than etf's delta makes a frame too late: then it is counted, and does not come.
read -r due missed invalid < <(told early | jq -r '"\(.due) \(.txtime_missed) \(.txtime_invalid)"')
came=$(awk '$1 == "frame" && $5 > 0 { n++ } END { print n + 0 }' "$work/out.log")
before=$(awk '$1 == "frame" && $5 > 0 && ($5 < $3 - 500000 || $4 > $5) { n++ } END { print n + 0 }' "$work/out.log")
waited=$(awk '$1 == "frame" && $5 > 0 && $4 < $3 - 500000 { n++ } END { print n + 0 }' "$work/out.log")
if [ "$due" = $frames ] && [ $((came + missed + invalid)) = $frames ] && [ "$before" = 0 ] && [ "$waited" -ge $((frames / 2)) ]; then
	ok "handed over before, launched when due: $came, too late $((missed + invalid))"
else
	fail "launched when due" "$due due, $came came, $before before their time, $waited handed over before it, $missed missed, $invalid refused"
fi
read -r missed invalid < <(told late | jq -r '"\(.txtime_missed) \(.txtime_invalid)"')
if [ $((missed + invalid)) -ge $((frames * 9 / 10)) ]; then ok "handed over too late: told of each"; else fail "handed over too late" "told of $missed and $invalid of $frames"; fi
finish
