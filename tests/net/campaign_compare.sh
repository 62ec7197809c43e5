#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# One campaign, measured twice, is no different; measured with a taktd whose driver takes 5 us longer for each send, it is the hop `send` that is named. Real guests, real taktd, nothing made up.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

[ "$(id -u)" = 0 ] || { skip "comparison" "needs root"; finish; }
gcc -O2 -Wall -Werror -D_GNU_SOURCE -shared -fPIC -o "$work/slow.so" tests/net/slow_send.c -ldl || { fail "comparison" "the delay is not built"; finish; }
cat > "$work/taktd" <<END
#!/bin/sh
LD_PRELOAD=$work/slow.so SLOW_SEND_NS=5000 exec $PWD/$taktd "\$@"
END
chmod +x "$work/taktd"
cat > "$work/hops.yaml" <<-END
	campaign: hops
	matrix: {backend: [taktd], guest: [uml], direction: [from-guest]}
	traffic: {cycle: 1ms, size: 128, priority: 7, vlan: 10, duration: 1500ms, warm-up: 300ms}
	repetitions: 5
	timeout: 60s
END

# measure NAME [OPTION...]: the folder is the result's.
measure() {
	local name=$1
	shift
	timeout 200 "$takt" bench run "$work/hops.yaml" --seed 1 --results "$work/$name" "$@" > "$work/$name.out" 2> "$work/$name.log" || fail "$name" "$(tail -n 2 "$work/$name.log" "$work/$name.out")"
}
differ() { timeout 60 "$takt" bench compare "$work/$1/hops/latest" "$work/$2/hops/latest" --json > "$work/$3.json" 2> "$work/$3.log"; }

measure first
measure again
measure slow --taktd "$work/taktd"

# Where others take most of the CPUs' time, the machine makes the middle of each figure, and compare says so: then there is nothing to be seen here.
busy=$(jq -s 'map(.floor.share) | max * 100 | floor' "$work"/*/hops/latest/cells/*/cell.json)
worse() { jq -r '[.items[] | select(.verdict == "worse") | .what + " " + .figure] | join(", ")' "$work/$1.json"; }

differ first again same
status=$?
verdict=$(jq -r .verdict "$work/same.json")
[ "$status $verdict" = "0 same" ] && ok "measured twice: no difference" || fail "measured twice" "status $status, $verdict: $(worse same)"

differ first slow hop
status=$?
if [ "$status $(jq -r .verdict "$work/hop.json")" = "1 worse" ] && [[ $(worse hop) == *"send p50"* ]] && ! [[ $(worse hop) =~ copy|class|queue|gate|shape|port ]]; then
	ok "5 us in each send: worse, in $(worse hop)"
elif [ "$busy" -gt 40 ]; then
	skip "5 us in each send" "others take up to $busy % of the CPUs' time"
else
	fail "5 us in each send" "status $status, worse in: $(worse hop); others take up to $busy % of the time"
fi
finish
