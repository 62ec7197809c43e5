#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# completion/takt.bash: commands and options of takt itself; where a file is wanted nothing is offered, so that bash completes files.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh
. completion/takt.bash

offered() { # words after takt; the last is being typed
	COMP_WORDS=("$takt" "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_takt
	echo "${COMPREPLY[*]}"
}
row() { # words, what is offered
	local got
	# shellcheck disable=SC2086
	got=$(offered $1 "${@:3}")
	if [ "$got" = "$2" ]; then ok "$1"; else fail "$1" "offers \"$got\", not \"$2\""; fi
}
row "ga" "gate"
row "gate s" "set show"
row "gate check" "" ""
row "gate check exa" ""
row "gate check --sv" "--svg"
row "gate check --svg" "" ""
row "gate export --to" "yaml tc yang" ""
row "gate export x.yaml --to " "yaml tc yang" ""
row "gate export --to y" "yaml yang"
row "gate set wire x.yaml --format =" "yaml tc yang" ""
row "gate set wire x.yaml --format = t" "tc"
row "qdisc apply d0 -m" "software txtime-assist offload" ""
row "qdisc apply d0 -m t" "txtime-assist"
row "clock --transport U" "UDPv4 UDPv6"
row "vm run --events" "" ""
row "vm run --kernel 6.12" "6.12 6.12-rt"
row "gate check x.yaml --js" "--json"
row "ref" "reflect"
row "report --printf-" "--printf-format --printf-args"
row "report x.dat -o" "" ""
row "send --round" "--round-trip"
row "recv --log" "--log"
row "bench re" "rerun report"
row "bench run --res" "--resume --results"
row "bench run --resume" "" ""
row "bench run bench/campaigns/qu" ""
finish
