#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# `takt qdisc` against real kernels: every row of tests/vectors/kernel_qdisc.vec in guests, on a dummy, a veth and a virtio-net with eight
# queues each. What was taken is compared with what was asked for, by takt, by the words themselves, and by tc.
# docs/kernel-oracle.md is what this writes with --table when all rows hold, and is compared otherwise; --page prints it and plays nothing.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

vectors=tests/vectors/kernel_qdisc.vec
page=docs/kernel-oracle.md
tc=$(command -v tc)
ip=$(command -v ip)
ethtool=$(command -v ethtool)
table=
[ "${1:-}" != --table ] || table=1
declare -A seen=() all=() names=([d]=d0 [s]=s0 [v]=v0 [n]=eth0)
declare -A long=(
	['$T']='taprio num_tc 8 map 0 1 2 3 4 5 6 7 queues 1@0 1@1 1@2 1@3 1@4 1@5 1@6 1@7'
	['$B']='taprio num_tc 3 map 2 2 1 0 2 2 2 2 2 2 2 2 2 2 2 2 queues 1@0 1@0 1@0 base-time 1000000000 sched-entry S 01 300000'
)
long['$G']="${long['$T']} base-time 0 sched-entry S 01 3000000 sched-entry S fe 7000000"
long['$A']="${long['$G']} clockid CLOCK_TAI"

# The columns of each row, in $id $devices $before $words $ours $kernel $standard $note; calls its arguments.
rows=$(sed -e '/^#/d' -e '/^$/d' -e 's/[ \t]*|[ \t]*/|/g' -e 's/[ \t]*$//' "$vectors")
each_row() {
	local id devices before words ours kernel standard note
	while IFS='|' read -r id devices before words ours kernel standard note; do
		"$@"
	done <<< "$rows"
}

# Into $expanded.
expand() {
	local word more
	expanded=
	set -f
	for word in $1; do
		if [ -n "${long[$word]:-}" ]; then
			word=${long[$word]}
		elif [[ $word =~ ^([0-9]+)\*(.*)$ ]]; then
			printf -v more " ${BASH_REMATCH[2]//\~/ }%.0s" $(seq "${BASH_REMATCH[1]}")
			word=$more
		fi
		expanded+=" $word"
	done
	set +f
}

# -- what a guest plays: a script, and batches of commands, so that few processes are started in it --------------------------

command_of() {
	expand "$1"
	case $1 in
	delete) echo "delete $dev" ;;
	sleep*) echo "$1" ;;
	*) echo "apply $dev $2 -- $expanded" ;;
	esac
}

put_before() {
	local line
	echo "#@$letter|$id|before"
	echo "delete $dev"
	[ "$before" = - ] || while read -r line; do
		command_of "$line" --force
	done <<< "${before//;/$'\n'}"
}

next_batch() {
	batch=$((batch + 1))
	echo "takt qdisc batch /qdisc/$batch" >> "$play"
	files_of+=",$play.$batch=/qdisc/$batch"
}

put_row() {
	[[ ${devices,,} == *$letter* ]] || return 0
	{
		put_before
		echo "#@$letter|$id|takt"
		command_of "$words" ''
		[ "$ours" != ok ] || { echo "sleep 30ms"; echo "#@$letter|$id|json"; echo "show $dev --json"; }
		[ "$ours" = ok ] || [[ $kernel == never* ]] || {
			put_before
			echo "#@$letter|$id|kernel"
			command_of "$words" --force
		}
	} >> "$play.$batch"
	[[ $devices == *${letter^^}* ]] || return 0
	printf '%s\n' "echo '#@$letter|$id|tc'" "/usr/sbin/tc -j qdisc show dev $dev | tr -d '\\n'; echo; echo '= 0'" >> "$play"
	next_batch
}

put_device() {
	local dev=${names[$letter]} eight='numtxqueues 8 numrxqueues 8'
	case $letter in
	d) echo "/usr/sbin/ip link add $dev $eight type dummy" ;;
	s) echo "/usr/sbin/ip link add $dev type dummy" ;;
	n) echo "/usr/sbin/ethtool -L $dev combined 8" ;;
	v) echo "/usr/sbin/ip link add $dev $eight type veth peer name v1 $eight && /usr/sbin/ip link set v1 up" ;;
	esac >> "$play"
	echo "/usr/sbin/ip link set $dev up || echo 'there is no $dev'" >> "$play"
	next_batch
	each_row put_row
	[ "$letter" != v ] || put_files
	printf '%s\n' "#@$letter|last|before" "delete $dev" >> "$play.$batch"
	echo "echo '#@$letter|end|'" >> "$play"
}

# Schedules in other notations than a line, on the veth: CASE|COMMAND|STATUS|what its output contains
files='
apply yaml|apply v0 /qdisc/yaml|0|taprio is in place
cbs below it|diff v0 /qdisc/yaml|0|
its words|show v0|0|cbs hicredit 453 locredit -8590 sendslope -9500000 idleslope 500000 offload 0
lengthened|show v0|0|S 7f 7ms
overhead|show v0|0|stab overhead 24
another|diff v0 /qdisc/json|1|entry 0: asked for S 01 2000000, found S 80 3000000
delete|delete v0|0|
apply yang|apply v0 /qdisc/json|0|taprio is in place
the same|diff v0 /qdisc/json|0|
the first|diff v0 /qdisc/yaml|1|asked for cbs, found
tc lines|apply v0 /qdisc/tc|2|running schedule is not supported
another handle|apply v0 /qdisc/tc2|2|give its handle
shaped under it|apply v0 /qdisc/yaml --map 0,1,2,3,4,5,6,7|0|cbs is in place
none now|delete v0|0|
other lines|apply v0 /qdisc/tc2|0|cbs is in place
four classes|apply v0 /qdisc/json --num-tc 4 --map 0,0,1,1,2,2,3,3 --dry-run|0|num_tc 4 map 0 0 1 1 2 2 3 3 0 0 0 0 0 0 0 0 queues 1@0 1@1 1@2 1@3 base
assist|apply v0 /qdisc/json --mode txtime-assist --txtime-delay 500us --dry-run|0|flags 0x1 txtime-delay 500000 clockid CLOCK_TAI
offload|apply v0 /qdisc/json --mode offload --dry-run|0|flags 0x2
'

put_files() {
	local name command
	cat > "$play.yaml" <<-'END'
		name: q
		ports:
		  - name: p
		    wire: net_null0
		    link-speed: 10Gb/s
		    credit-based-shaper: {6: 500Mb/s}
		    gate-parameters: {admin-base-time: 0, admin-cycle-time: 10ms, admin-control-list: ["S 80 3000000", "S 7f 5000000"]}
	END
	echo 'admin-control-list: ["S 01 2000000", "S fe 3000000"]' > "$work/json.yaml"
	"$takt" gate export "$work/json.yaml" --to yang > "$play.json"
	echo "tc qdisc replace dev v0 root ${long['$A']/map 0 1/map 1 0}" > "$play.tc"
	{
		echo "# all of it"
		echo "tc qdisc replace dev v0 root handle 200: stab overhead 24 ${long['$A']}"
		echo "tc qdisc replace dev v0 parent 200:1 cbs idleslope 500000 sendslope -9500000 hicredit 78 locredit -1463"
	} > "$play.tc2"
	for name in yaml json tc tc2; do files_of+=",$play.$name=/qdisc/$name"; done
	while IFS='|' read -r name command _; do
		[ -z "$name" ] || printf '%s\n' "#@v|file $name|takt" "$command"
	done <<< "$files" >> "$play.$batch"
}

check_files() {
	local id status want got n=0
	while IFS='|' read -r id _ status want; do
		[ -n "$id" ] || continue
		id="file $id" n=$((n + 1))
		got=${seen["v|$id|takt"]:-}
		[ "${got%%|*}" = "$status" ] && [[ ${all["v|$id|takt"]} == *"$want"* ]] || complain "wanted $status, \"$want\", got $got, ${all["v|$id|takt"]}"
	done <<< "$files"
	cases=$((cases + n))
}

# GUEST LETTERS [OPTION...]: its output in $work/GUEST.out
play() {
	local guest=$1 letters=$2 play=$work/$1.play files_of letter batch=0
	shift 2
	files_of="$tc=/usr/sbin/tc,$ip=/usr/sbin/ip,$ethtool=/usr/sbin/ethtool,$play=/qdisc/play"
	files_of+=$(with_libs "$tc" "$ip" "$ethtool")
	cat > "$play" <<-'END'
		while read -r module; do
			case $module in
			*/dummy*) insmod "$module" numdummies=0 ;;
			*) insmod "$module" ;;
			esac
		done < /modules/extra
		echo "#@|kernel|"; uname -r; echo '= 0'
	END
	for letter in $(echo "$letters" | sed 's/./& /g'); do put_device; done
	timeout -k 5 400 "$takt" vm run --kernel-dir "$O/guest" --name "$guest" --files "$files_of" --timeout 380s "$@" -- sh /qdisc/play \
		> "$work/$guest.out" 2> "$work/$guest.log"
}

# -- what came out of it --------------------------------------------------------------------------------------------------

# $seen[LETTER|CASE|WHAT] = STATUS|LAST LINE, and $all[...] = all lines
take() {
	local key status text whole
	while IFS=$'\t' read -r key status text whole; do
		seen[$key]="$status|$text"
		all[$key]=$whole
	done < <(tr -d '\r' < "$work/$1.out" | awk '
		function done() { if (key != "") print key "\t" worst "\t" (last != "" ? last : "-") "\t" whole; key = ""; worst = 0; last = ""; whole = "" }
		{ gsub(/\033\[[0-9;]*m/, "") }
		/^#@/ { done(); key = substr($0, 3); n = 0; next }
		/^= [0-9]+$/ { if (!(key ~ /before$/ && n++ == 0) && $2 > worst) worst = $2; next }
		length(whole) < 20000 { whole = whole $0 " " }
		!/warning: .*(unknown|slope|preemption|cycle-time:)/ && NF { last = $0 }
		END { done() }')
}

wrong=0
complain() {
	wrong=$((wrong + 1))
	[ "$wrong" -gt 12 ] || fail "$guest ${names[$letter]}: $id" "$1"
}

# Of the words alone: an array [COMMAND, MASK, INTERVAL] of the entries, and the base time.
asked() {
	expand "$words"
	tr ' ' '\n' <<< "$expanded" | awk '
		$1 == "sched-entry" { getline c; getline m; getline i; list = list sep "[\"" c "\",\"0x" tolower(m) "\"," i "]"; sep = "," }
		$1 == "base-time" { getline base }
		END { gsub(/"0x0+/, "\"0x", list); gsub(/"0x"/, "\"0x0\"", list); printf "[%s, [%s]]\n", base + 0 ? base : 0, list }'
}

check_json() {
	local json=${seen["$letter|$id|json"]#*|} kind=${id%% *} got
	jq -e . > /dev/null 2>&1 <<< "$json" || { complain "no JSON: ${json:0:200}"; return; }
	[ "$words" != delete ] || {
		jq -e --arg k "$kind" 'all(.[]; .kind != $k)' > /dev/null <<< "$json" || complain "$kind is still there"
		return
	}
	jq -e --arg k "$kind" 'any(.[]; .kind == $k)' > /dev/null <<< "$json" || complain "JSON without $kind: ${json:0:200}"
	[ "$kind" != taprio ] || {
		got=$(jq -c '.[] | select(.kind == "taprio").options | (.admin // .) | [.base_time, [.schedule[] | [.cmd, .gatemask, .interval]]]' <<< "$json")
		[ "$(jq -c . <<< "$got")" = "$(asked | jq -c .)" ] || complain "asked for $(asked), found $got"
	}
	[ "$id" != 'taprio 8471' ] || [ "$(jq '[.[] | select(.parent)] | length' <<< "$json")" = 8 ] || complain "not eight children"
}

# tc has no max-sdu and no overhead here, and takes no sign of a base time. Its JSON is broken while a schedule waits.
check_tc() {
	local ours=${seen["$letter|$id|json"]#*|} theirs=${seen["$letter|$id|tc"]#*|}
	local like='[.[] | select(.kind | IN("taprio", "mqprio", "cbs", "etf")) | {kind, handle, root, parent, options: ((.options.admin // {}) + .options | del(.["max-sdu"], .admin))}] | sort_by(.handle)'
	if ! jq -e . > /dev/null 2>&1 <<< "$theirs"; then
		jq -e '.[] | select(.options.admin)' > /dev/null 2>&1 <<< "$ours" || complain "tc's JSON is broken and nothing waits: ${theirs:0:200}"
		waited=$((waited + 1))
		return
	fi
	[ "$(jq -cS "$like" <<< "$ours")" = "$(jq -cS "$like" <<< "$theirs")" ] ||
		complain "takt and tc differ: $(jq -cS "$like" <<< "$ours") $(jq -cS "$like" <<< "$theirs")"
	compared=$((compared + 1))
}

# WHO WANTED: is what was seen as wanted?
is() {
	local got=${seen["$letter|$id|$1"]:-} status
	status=${got%%|*}
	case $2 in
	ok) [ "$status" = 0 ] || { [ "$1" = kernel ] && [ "$status" = 77 ]; } ;;
	unable) [ "$status" = 77 ] ;;
	=) [ "$status" = 2 ] && [[ $got == *"kernel refuses: "*"$kernel"* ]] ;;
	*) [ "${status:-0}" != 0 ] && [[ $got == *"$2"* ]] && { [ "$1" = kernel ] || [[ $got != *"kernel refuses"* ]]; } ;;
	esac || complain "$1 should say \"$2\", and said \"$got\""
}

check_row() {
	[[ ${devices,,} == *$letter* ]] || return 0
	cases=$((cases + 1))
	[ "${seen["$letter|$id|before"]%%|*}" = 0 ] || complain "what comes before it: ${seen["$letter|$id|before"]}"
	is takt "$ours"
	[ "$ours" = ok ] || [[ $kernel == never* ]] || is kernel "$kernel"
	[ "$ours" != ok ] || check_json
	[[ $devices != *${letter^^}* ]] || check_tc
}

# GUEST LETTERS
check() {
	local guest=$1 letter cases compared waited kernel_is
	seen=() all=()
	take "$guest"
	kernel_is=${seen['|kernel|']:-}
	[ -n "$kernel_is" ] || { fail "$guest" "it did not begin: $(tail -n 2 "$work/$guest.log")"; return; }
	[[ $kernel_is == *'|6.1.'* ]] || { skip "$guest" "its kernel is ${kernel_is#*|}, and the vectors are for 6.1"; return; }
	for letter in $(echo "$2" | sed 's/./& /g'); do
		cases=0 compared=0 waited=0 wrong=0
		[ -n "${seen["$letter|end|"]:-}" ] || { fail "$guest ${names[$letter]}" "it did not end: $(tail -c 300 "$work/$guest.out")"; continue; }
		each_row check_row
		[ "$letter" != v ] || check_files
		[ "$wrong" != 0 ] || ok "$guest (Linux ${kernel_is#*|}) ${names[$letter]}: $cases cases, $compared of them as tc reads them$(
			[ "$waited" = 0 ] || echo ", $waited that tc cannot print while one waits")"
	done
}

# -- the page ----------------------------------------------------------------------------------------------------------------

put_line() {
	local shown=$ours said=$kernel verdict
	case $ours in ok) shown=accepts ;; unable) shown='accepts, cannot compare' ;; =) shown='passes it on' ;; *) shown="refuses: $ours" ;; esac
	case $kernel in ok) said=accepts ;; never*) said='not asked' ;; *'asked for'*) said="accepts, but: $kernel" ;; *) said="refuses: $kernel" ;; esac
	case $ours/$kernel in
	ok/ok | unable/ok | =/*) verdict='agree' ;;
	*/never*) verdict='takt protects' ;;
	*/ok | */*'asked for'*) verdict='takt is stricter' ;;
	*) verdict='agree' ;;
	esac
	[ -z "$note" ] || verdict+="; $note"
	words=${words//\~/ }
	[ "$before" = - ] || words="$before → $words"
	echo "| $id | \`${words//|/\\|}\` | $shown | $said | $standard | $verdict |"
}

put_page() {
	cat <<-'END'
		# Four answers: takt, the kernel, the standard, and what to make of it

		Written by `tests/net/qdisc.sh --table` from `tests/vectors/kernel_qdisc.vec`, after every row was played in guests with Linux 6.1 (User Mode
		Linux, QEMU) on a dummy, a veth and a virtio-net with eight transmit queues each. What takt accepted was read back, and equal to what had been
		asked for, also as tc reads it. What takt refuses was given to the kernel with `--force`. `make test` plays it all again and compares this page.

		Four hexadecimal digits are the id of the case in the kernel's own tc-testing. `→` stands between what was there before and the case.
		`A*B` is B A times, and:

		END
	for word in '$T' '$G' '$A' '$B'; do echo "    $word  ${long[$word]}"; done
	cat <<-'END'

		| case | words | takt | Linux 6.1 | 802.1Q-2022 | verdict |
		|---|---|---|---|---|---|
		END
	each_row put_line
}

[ "${1:-}" != --page ] || { put_page; exit; }

# -- all -----------------------------------------------------------------------------------------------------------------------

# On this machine's own kernel, whatever it has: a device that is slower than the file's link, and a qdisc that is not there.
ip netns add "$ns" && ip -n "$ns" link add v0 numtxqueues 8 type veth peer name v1 && ip -n "$ns" link set v0 up && ip -n "$ns" link set v1 up
printf '%s\n' 'ports:' '  - name: p' '    mem: true' '    gate-parameters: {admin-control-list: ["S 80 3000000", "S 7f 5000000"]}' > "$work/own.yaml"
in_wire "$takt" qdisc apply v0 "$work/own.yaml" --dry-run > "$work/dry.log" 2>&1
name="a device that runs at another speed than the file says: told"
if grep -q "link-speed is 1000 Mb/s, but v0 runs at 10000 Mb/s" "$work/dry.log"; then ok "$name"; else fail "$name" "not told"; fi
sed -i 's/mem: true/&\n    link-speed: 10Gb\/s/' "$work/own.yaml"
in_wire "$takt" qdisc apply v0 "$work/own.yaml" --dry-run > "$work/dry.log" 2>&1
name="... and at the same: no word"
if [ "$(wc -l < "$work/dry.log")" = 1 ]; then ok "$name"; else fail "$name" "more than the line"; fi
name="a kernel without taprio: exit status 77"
in_wire "$takt" qdisc apply v0 "$work/own.yaml" > "$work/apply.log" 2>&1
status=$?
if [ $status = 0 ]; then skip "$name" "this one has it"; elif [ $status = 77 ] && grep -q 'kind is unknown' "$work/apply.log"; then ok "$name"; else fail "$name" "exit $status"; fi

O=$O scripts/guest-image || { fail images "scripts/guest-image failed"; finish; }

play uml dvs --uml
check uml dvs

# Not through a pipe: what a subshell starts is not ended at the end. The guest gets its eight queues by ethtool, not by eight CPUs.
if taktd_ports <<< "  - {name: g, guest: $work/g.sock, queues: 8}"; then
	urgent
	play qemu nd --qemu --accel tcg --queues 8 --cpus 2 --socket "$work/g.sock"
	check qemu nd
else
	fail qemu "taktd does not start"
fi

if [ -n "$table" ] && [ "$failed" = 0 ]; then
	put_page > "$page"
	ok "$page written"
elif put_page | cmp -s - "$page"; then
	ok "$page says so"
else
	fail "$page" "it is not what was seen: tests/net/qdisc.sh --table"
fi
finish
