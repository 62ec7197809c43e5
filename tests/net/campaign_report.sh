#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# `takt bench report` of campaigns that are made of known figures: all files are there, figures are those that somebody else works out, figures are drawn again the same, the page asks nobody for
# anything, hostile words do not get through, what is empty or skipped is told, what is damaged is refused and leaves nothing.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

made=tests/net/campaign/made
report() { "$takt" bench report "$@" > "$work/report.out" 2> "$work/report.log"; }

# Does somebody else find the same? Nearest rank of all path delays of a group's cells, frames that came; counts of all.
worked_out() {
	perl -e '
		my ($dir, $group) = @ARGV; my (@ns, $lost, $due);
		for my $file (glob "$dir/cells/$group-r*/frames.dat") {
			open my $f, "<", $file or die; binmode $f; local $/; my $all = <$f>;
			my (undef, undef, $n) = unpack "a8 N2", $all;
			for my $i (0 .. $n - 1) {
				my (undef, undef, $S, $w, $T, $t, $s) = unpack "N2 q>5", substr $all, 96 + 48 * $i, 48;
				my ($seq, undef, $a, $R, $r) = unpack "N2 q>3", substr $all, 96 + 48 * $n + 32 * $i, 32;
				$due++;
				if (!$a && !$r) { $lost++; next }
				push @ns, $ENV{KIND} eq "end" ? $a - $S : $r - $t;
			}
		}
		@ns = sort { $a <=> $b } @ns;
		printf "%s.n\t%d\tframes\n%s.lost\t%d\tframes\n%s.min\t%d\tns\n%s.max\t%d\tns\n", $group, scalar @ns, $group, $lost // 0, $group, $ns[0], $group, $ns[-1];
		for (["p50", 500], ["p90", 900], ["p99", 990], ["p99.9", 999]) {
			my $rank = int(($$_[1] * @ns + 999) / 1000);
			printf "%s.%s\t%d\tns\n%s.pdv_%s\t%d\tns\n", $group, $$_[0], $ns[$rank - 1], $group, $$_[0], $ns[$rank - 1] - $ns[0];
		}' "$@"
}

"$made" "$work/full" schedule=1 bad=0 backends=taktd,testpmd,veth || { fail "made" "the campaign could not be made"; finish; }

name="all files are there"
missing=
if report "$work/full"; then
	for file in index.html report.md report.pdf summary.tsv summary.json {cdf,box,phase,hops,causes,series}.{svg,png,dat,gp}; do
		[ -s "$work/full/report/$file" ] || missing="$missing $file"
	done
	[ "$(ls -A "$work/full/report" | wc -l)" = 29 ] || missing="$missing (or more: $(ls -A "$work/full/report" | tr '\n' ' '))"
	[ ! -e "$work/full/report.part" ] || missing="$missing report.part-is-left"
	if [ -z "$missing" ]; then ok "$name"; else fail "$name" "$missing"; fi
else
	fail "$name" "exit $?"
fi
r=$work/full/report

name="figures are those that somebody else works out"
for group in taktd-to-guest-none veth-to-guest-flood testpmd-from-guest-flood; do KIND=path worked_out "$work/full" "$group"; done > "$work/expected"
if [ -s "$work/expected" ] && ! grep -vxFf "$r/summary.tsv" "$work/expected" > "$work/differ"; then ok "$name ($(wc -l < "$work/expected"))"; else fail "$name" "$(head -3 "$work/differ")"; fi

name="summary.json says the same"
if jq -e --rawfile tsv "$r/summary.tsv" '($tsv | split("\n") | map(select(length > 0) | split("\t") | {(.[0]): .[1]}) | add) as $t
	| [.groups[] | . as $g | .latency[] | select(.ns) | (.ns | tostring) == $t["\($g.id).\(.quantile)"]] | length > 20 and all' "$r/summary.json" > /dev/null; then
	ok "$name"
else
	fail "$name" "$(jq -c '.groups[0].latency' "$r/summary.json" | cut -c 1-300)"
fi

name="each script draws its figure again"
cp -r "$r" "$work/again"
again=
for gp in "$work/again"/*.gp; do
	f=$(basename "$gp" .gp)
	rm "$work/again/$f.svg" "$work/again/$f.png"
	(cd "$work/again" && gnuplot "$f.gp") 2> "$work/gnuplot.log" && cmp -s "$work/again/$f.svg" "$r/$f.svg" && [ -s "$work/again/$f.png" ] || again="$again $f"
done
if [ -z "$again" ]; then ok "$name"; else fail "$name" "$again"; fi

# page FILE: well-formed, and nothing of it is elsewhere.
page() {
	local text
	xmllint --html --noout "$1" 2>&1 | grep -v -e 'Tag \(figure\|details\|summary\) invalid' -e '^<' -e '^ *^$' > "$work/xmllint.log"
	grep -q 'error' "$work/xmllint.log" && { echo "$(head -1 "$work/xmllint.log")"; return; }
	text=$(sed 's/data:image[^"]*//g' "$1")
	grep -qiE '<(script|link|iframe|object|embed|form|base)|url\(|@import' <<< "$text" && { echo "it has what loads or runs"; return; }
	grep -oiE '(src|href|srcset|action|data|poster)="[^"]+"' <<< "$text" | head -1
}
name="the page is well-formed and asks nobody for anything"
wrong=$(page "$r/index.html")
if [ -z "$wrong" ] && [ "$(grep -o 'src="data:image/svg+xml;base64,' "$r/index.html" | wc -l)" = 6 ]; then ok "$name"; else fail "$name" "$wrong"; fi

name="best and worst are said in words, once under each condition; the floor is neither"
n=$(jq '[.groups[] | select(.fastest)] | length' "$r/summary.json")
if [ "$n" = 4 ] && jq -e '[.groups[] | select(.floor)] | length == 4 and all(.id | startswith("veth-")) and all((.fastest or .slowest) | not)' "$r/summary.json" > /dev/null &&
   [ "$(grep -o '>floor: no backend<' "$r/index.html" | wc -l)" = 4 ] && [ "$(grep -oE '>(slowest|misses most)<' "$r/index.html" | wc -l)" = 4 ] && grep -q 'Fastest at' "$r/index.html"; then ok "$name"; else fail "$name" "$n"; fi

name="gates are drawn where they were"
if grep -q '^gate_of\[1\] = .*gate_from\[1\] = 0.000; gate_to\[1\] = 300.000' "$r/phase.gp"; then ok "$name"; else fail "$name" "$(grep -m1 gate_of "$r/phase.gp")"; fi

name="the page begins with what was asked, of which machine, and an answer of one sentence and few lines"
top=$(sed -n '1,/<table>/p' "$r/index.html")
if grep -q '<h1>takt: Figures drawn by lot</h1>' <<< "$top" && grep -qE '<p>Campaign [a-z]+, 36 of 36 cells measured.* CPUs? \(' <<< "$top" && [ "$(grep -c '<div class="answer"><p>[^.]*[^<]*\.</p>' <<< "$top")" = 1 ] &&
   [ "$(grep -c '<li>' <<< "$top")" -le 3 ] && [ "$(grep -c '<h2>' <<< "$top")" = 0 ]; then ok "$name"; else fail "$name" "$(head -c 900 <<< "${top##*</style>}")"; fi

name="what is named against goes without saying"
if grep -q '>to-guest, idle<' "$r/index.html" && ! grep -qE '>[a-z, -]*(no load|neighbours 0)<' "$r/index.html"; then ok "$name"; else fail "$name" "$(grep -o 'class="section">.\{60\}' "$r/index.html" | head -2)"; fi

name="hops of the slowest are those that were made slow"
# gate (4th hop) holds more of the tail than of the middle; columns: bar, then from and to of each hop
if awk '/^#/ { side += /slowest|p45/; next } NF > 8 && $1 == 2 { d[side] = $9 - $8 } END { exit !(d[2] > 20 * (d[1] + 1)) }' "$r/hops.dat"; then ok "$name"; else fail "$name" "$(cat "$r/hops.dat")"; fi

if command -v pdftotext > /dev/null; then
	name="the PDF has the answer and every cell"
	pdftotext -layout "$r/report.pdf" "$work/pdf.txt"
	if grep -q 'Fastest at' "$work/pdf.txt" && [ "$(grep -cE '^ *(taktd|testpmd|veth)-(to|from)-guest-(none|flood)-r[123] +[0-9]+ +ok' "$work/pdf.txt")" = 36 ]; then ok "$name"; else fail "$name" "$(head -5 "$work/pdf.txt")"; fi
else
	skip "the PDF" "pdftotext is not installed"
fi

name="what is named is explained, in each format"
unexplained=
for file in "$r/report.md" "$r/index.html"; do
	sed -n '/What the words mean<\/h2>\|^## What the words mean/,/How to repeat it/p' "$file" > "$work/words"
	for word in 'backend taktd' 'backend veth' 'direction to-guest' 'load flood' 'schedule gates' 'hop gate' 'noise floor' PDV; do
		grep -qF -- "$word" "$work/words" || unexplained="$unexplained $(basename "$file"):$word"
	done
done
if [ -z "$unexplained" ]; then ok "$name"; else fail "$name" "$unexplained"; fi

name="the noise floor is in the answer, and what has too few gaps is no figure"
if jq -e '(.limits | length <= 3 and any(test("Noise floor: .* up to 350 us at once"))) and ([.groups[] | has("floor_p99_ns") and .floor_p99_ns == null] | all)' "$r/summary.json" > /dev/null &&
   ! grep -q '\.floor_p99' "$r/summary.tsv" && grep -q '\.floor_max	350000	ns' "$r/summary.tsv"; then ok "$name"; else fail "$name" "$(jq -r '.answer, .limits[]' "$r/summary.json")"; fi

name="an earlier report is replaced, and only a report"
touch "$r/mine"
mkdir "$work/other" && touch "$work/other/thesis.txt"
report "$work/full" --format md && [ ! -e "$r/mine" ] && [ ! -e "$r/index.html" ] && [ -s "$r/report.md" ]; first=$?
report "$work/full" --format md --output "$work/other"; second=$?
if [ $first = 0 ] && [ $second = 2 ] && [ -e "$work/other/thesis.txt" ] && [ ! -e "$work/other.part" ] && grep -q -- '--output' "$work/report.log"; then ok "$name"; else fail "$name" "$first $second"; fi

name="another latency is another figure"
KIND=end worked_out "$work/full" veth-to-guest-none > "$work/expected"
if report "$work/full" --kind end-to-end --format md --output "$work/end" && ! grep -vxFf "$work/end/summary.tsv" "$work/expected" > "$work/differ" && grep -q '^campaign.kind	end to end' "$work/end/summary.tsv"; then
	ok "$name"
else
	fail "$name" "$(head -2 "$work/differ")"
fi

# -- losses, PTP ------------------------------------------------------------------------------------------------------

name="who loses frames is not the fastest, however fast the others are; who loses all is told"
"$made" "$work/lossy" lossy=testpmd dead=ovs-dpdk backends=taktd,testpmd,ovs-dpdk loads=none directions=to-guest frames=1000
if report "$work/lossy" --format md && jq -e '[.groups[] | select(.fastest) | .id] == ["taktd-to-guest-none"] and (.answer | test("the fastest is taktd")) and (.limits[0] | test("ovs-dpdk \\(all lost\\); testpmd \\(10 % lost\\)"))' \
	"$work/lossy/report/summary.json" > /dev/null && grep -q '| ovs-dpdk .*no frame' "$work/lossy/report/report.md"; then
	ok "$name"
else
	fail "$name" "$(jq -r '.answer, .limits[]' "$work/lossy/report/summary.json")"
fi

# Somebody else's: all samples of a group, in one.
offsets() {
	perl -e '
		my ($dir, $group) = @ARGV; my (@ns, $sum, $squares);
		for my $file (glob "$dir/cells/$group-r*/ptp.tsv") {
			open my $f, "<", $file or die; <$f>;
			while (<$f>) { my (undef, $off) = split; push @ns, abs $off; $sum += $off; $squares += $off ** 2 }
		}
		@ns = sort { $a <=> $b } @ns;
		printf "%s.ptp_samples\t%d\tsamples\n%s.ptp_rms\t%.1f\tns\n%s.ptp_mean\t%.1f\tns\n%s.ptp_max\t%d\tns\n", $group, scalar @ns, $group, sqrt($squares / @ns), $group, $sum / @ns, $group, $ns[-1];
		printf "%s.ptp_%s\t%d\tns\n", $group, $$_[0], $ns[int(($$_[1] * @ns + 99) / 100) - 1] for ["p50", 50], ["p99", 99];
	' "$@"
}

name="PTP: offsets of all repetitions together are those that somebody else works out"
"$made" "$work/ptp" corrections=off,on backends=taktd directions=to-guest frames=500
report "$work/ptp"; status=$?
for group in taktd-to-guest-{none,flood}-{on,off}; do offsets "$work/ptp" "$group"; done > "$work/expected"
if [ $status = 0 ] && [ "$(wc -l < "$work/expected")" = 24 ] && ! grep -vxFf "$work/ptp/report/summary.tsv" "$work/expected" > "$work/differ" && grep -q '^taktd-to-guest-none-on.ptp_missing	3	' "$work/ptp/report/summary.tsv"; then
	ok "$name"
else
	fail "$name" "exit $status: $(head -2 "$work/differ")"
fi

name="PTP: the answer says what the correction does, and the table is on the page"
if grep -qE "With correction of the residence time the PTP client's offset \(rms\) is smaller in 2 of 2 comparisons, at best (9|1[01])[0-9] times: 2[0-9]{2} ns with correction, 2[0-9]\.[0-9] us without \(flood\)" "$work/report.out" &&
   [ "$(grep -c '^| \(idle\|flood\), correction \(on\|off\) | .*600 | 120 | 3 ' "$work/ptp/report/report.md")" = 4 ]; then
	ok "$name"
else
	fail "$name" "$(head -1 "$work/report.out")"
fi

name="PTP: where the correction is of no use, that is said"
for cell in "$work"/ptp/cells/*-on-r?; do
	off=${cell/-on-r/-off-r}
	cp "$off/ptp.tsv" "$cell/"
	jq --slurpfile off "$off/cell.json" '.ptp = $off[0].ptp' "$cell/cell.json" > "$work/cell.json" && mv "$work/cell.json" "$cell/cell.json"
done
if report "$work/ptp" --format md && grep -q "makes no difference here: the client's offset" "$work/report.out"; then ok "$name"; else fail "$name" "$(head -1 "$work/report.out")"; fi

name="unfinished: how to go on, by the folder and not by the link to it"
"$made" "$work/runs/2026-11-24T160102-1a2b3c4" reps=1 frames=500 planned=16
ln -s 2026-11-24T160102-1a2b3c4 "$work/runs/latest"
if report "$work/runs/latest/" --format md && grep -q "Unfinished: 8 of 16 cells are done; takt bench run --resume $work/runs/2026-11-24T160102-1a2b3c4 goes on" "$work/report.out" &&
   grep -q "takt bench rerun $work/runs/2026-11-24T160102-1a2b3c4 repeats" <(sed 's/\\//g' "$work/runs/latest/report/report.md") && ! grep -q 'Not measured' "$work/report.out"; then
	ok "$name"
else
	fail "$name" "$(head -1 "$work/report.out")"
fi

# -- what is not there ------------------------------------------------------------------------------------------------

name="stamps missing: end to end, and it says so"
"$made" "$work/bare" stamps=0 reps=1 frames=500
if report "$work/bare" --format md && grep -q '^campaign.kind	end to end' "$work/bare/report/summary.tsv" && grep -q 'end to end: from the instant' "$work/bare/report/report.md"; then ok "$name"; else fail "$name" "$(head -1 "$work/bare/report/summary.tsv")"; fi

name="a bad clock's frames are counted apart"
"$made" "$work/bad" bad=1 reps=1 frames=2000 backends=veth
if report "$work/bad" --format md && [ "$(grep -c '\.bad_clock	50[0-9]	frames' "$work/bad/report/summary.tsv")" = 4 ] && grep -q '14[0-9][0-9]	frames' <(grep '\.n	' "$work/bad/report/summary.tsv") &&
   grep -q 'bad_from\[4\]' "$work/bad/report/series.gp" && grep -q 'clock was not good' "$work/bad/report/report.md"; then
	ok "$name"
else
	fail "$name" "$(grep -E 'bad_clock|\.n' "$work/bad/report/summary.tsv" | tr '\n' ' ')"
fi

name="skipped and failed cells have their reasons"
"$made" "$work/part" skip=veth reps=1 frames=500 planned=16 reason='vhost-net: /dev/vhost-net is not there'
if report "$work/part" --format md && grep -q 'Skipped.*vhost-net: /dev/vhost-net is not there.*4 cells' "$work/part/report/report.md" && grep -q '8 of 16 cells are done' "$work/part/report/report.md" &&
   grep -q 'Not measured: 4 of 8 cells' "$work/report.out"; then ok "$name"; else fail "$name" "$(grep -i skip "$work/part/report/report.md" | head -2)"; fi

for case in "all cells were skipped:skip=veth backends=veth" "no cell at all:backends=" "one frame:frames=1 reps=1" "one cell of few frames:frames=30 reps=1 backends=taktd loads=none directions=to-guest"; do
	name="${case%%:*}: a report all the same"
	rm -rf "$work/few"
	# shellcheck disable=SC2086
	"$made" "$work/few" ${case#*:}
	wrong=
	report "$work/few" || wrong="exit $?: $(cat "$work/report.log")"
	[ -n "$wrong" ] || [ -s "$work/few/report/report.pdf" ] || wrong="no PDF"
	[ -n "$wrong" ] || wrong=$(page "$work/few/report/index.html")
	grep -qiE 'nan|inf\b' <(sed 's/data:image[^"]*//g' "$work/few/report/index.html" "$work/few/report/summary.tsv") && wrong="a figure that is none"
	if [ -z "$wrong" ]; then ok "$name"; else fail "$name" "$wrong"; fi
done

# -- what is hostile --------------------------------------------------------------------------------------------------

name="hostile words are words"
evil='<script>alert(1)</script>"><img src=x onerror=alert(1)> `id` $(id) [x](http://evil) | a
b ![p](q) '"'"'; system("touch '"$work"'/pwned")'
"$made" "$work/evil" skip=veth reps=1 frames=500 reason="$evil"
perl -0pi -e 's/Figures drawn by lot/<b>bold<\/b> `touch pwned` \x27; !touch pwned/' "$work/evil/meta.json"
wrong=
report "$work/evil" || wrong="exit $?"
for file in index.html report.md; do	# what is indented is a block of code in Markdown
	grep -v '^    ' "$work/evil/report/$file" | grep -qE '<(script|b>bold|img src=x)' && [ -z "$wrong" ] && wrong="markup got through in $file: $(grep -oE '.{20}<(script|img src=x).{20}' "$work/evil/report/$file" | head -1)"
done
grep -q '&lt;script&gt;alert(1)&lt;/script&gt;&quot;&gt;' "$work/evil/report/index.html" || wrong=${wrong:-"it is not told"}
grep -q '[^\\]](http:' "$work/evil/report/report.md" && wrong="a link got through"
[ ! -e "$work/pwned" ] && [ ! -e "$work/evil/report/pwned" ] || wrong="something was run"
[ -n "$wrong" ] || wrong=$(page "$work/evil/report/index.html")
if [ -z "$wrong" ]; then ok "$name"; else fail "$name" "$wrong"; fi

# refused NAME WORDS OPERANDS...: exit 2, one sentence with all words (comma between), and nothing left.
refused() {
	local label="refused: $1" words=$2 status word wrong=
	shift 2
	report "$@"
	status=$?
	[ $status = 2 ] || wrong="exit $status"
	[ "$(wc -l < "$work/report.log")" = 1 ] || wrong="$wrong $(wc -l < "$work/report.log") lines"
	while IFS= read -r word; do grep -qF -- "$word" "$work/report.log" || wrong="$wrong without $word"; done < <(tr ',' '\n' <<< "$words")
	[ ! -e "$1/report" ] && [ ! -e "$1/report.part" ] || wrong="$wrong something is left"
	if [ -z "$wrong" ]; then ok "$label"; else fail "$label" "$wrong: $(head -c 300 "$work/report.log")"; fi
}
damage() {
	rm -rf "$work/broken"
	"$made" "$work/broken" reps=1 frames=100
}
one=$work/broken/cells/taktd-to-guest-none-r1
damage; truncate -s 3000 "$one/frames.dat"; refused "frames cut off" "frames.dat" "$work/broken"
damage; sed -i 's/"status": "ok"/"status": "great"/' "$one/cell.json"; refused "a status that is none" "cell.json,status,skipped" "$work/broken"
damage; echo '{' > "$work/broken/meta.json"; refused "meta.json cut off" "meta.json" "$work/broken"
damage; sed -i '3s/.*/x y z/' "$one/hops.tsv"; refused "hops that are none" "hops.tsv,3" "$work/broken"
damage; sed -i 's/"excess_ns": [0-9]*/"excess_ns": 9223372036854775807/' "$one/blame.json"; refused "a blame that is beyond all bounds" "blame.json,excess_ns,9223372036854775807" "$work/broken"
damage; refused "a format that is none" "--format,doc,html" "$work/broken" --format html,doc
damage; refused "a latency that is none" "--kind,path-delay" "$work/broken" --kind rtt
refused "no such folder" "nosuch" "$work/nosuch"
damage; rm -r "$work/broken/cells"; refused "no campaign" "campaign" "$work/broken"

# -- what is not installed, and what is cut short ---------------------------------------------------------------------

name="without weasyprint: said in one line, the rest is there; asked for by name it is 77"
mkdir "$work/bin"
for p in env gnuplot; do ln -s "$(command -v $p)" "$work/bin/$p"; done
damage
PATH=$work/bin report "$work/broken"; first=$?
grep -q weasyprint "$work/report.log" && [ "$(wc -l < "$work/report.log")" = 1 ] && [ -s "$work/broken/report/index.html" ] && [ ! -e "$work/broken/report/report.pdf" ]; said=$?
PATH=$work/bin report "$work/broken" --format html,pdf; second=$?
if [ "$first $said $second" = "0 0 77" ]; then ok "$name"; else fail "$name" "$first $said $second"; fi

name="interrupted: nothing is left, and nobody"
damage
"$takt" bench report "$work/broken" > "$work/cut.log" 2>&1 &
job=$!
until_true 5 test -d "$work/broken/report.part" && kill -INT $job
wait $job
status=$?
if [ $status = 130 ] && [ ! -e "$work/broken/report" ] && [ ! -e "$work/broken/report.part" ]; then ok "$name"; else fail "$name" "exit $status, $(ls "$work/broken" | tr '\n' ' ')"; fi

name="killed: the next one clears up"
"$takt" bench report "$work/broken" > "$work/cut.log" 2>&1 &
job=$!
until_true 5 test -s "$work/broken/report.part/cdf.gp" && kill -KILL $job
{ wait $job; } 2> /dev/null
[ -d "$work/broken/report.part" ] && report "$work/broken" --format md; status=$?
if [ $status = 0 ] && [ -s "$work/broken/report/report.md" ] && [ ! -e "$work/broken/report.part" ]; then ok "$name"; else fail "$name" "exit $status"; fi

name="thirty groups: a figure says what it left out"
"$made" "$work/many" loads=none,flood,cpu,memory,interrupts backends=taktd,veth,testpmd reps=2 frames=200
if report "$work/many" --format md && grep -q 'There are 30 cells; drawn are the 9 fastest and the 9 slowest, the floor left out' "$work/many/report/report.md" && grep -q '^n = 18$' "$work/many/report/phase.gp"; then ok "$name"; else fail "$name" "$(grep 'There are' "$work/many/report/report.md")"; fi

# -- figures as pictures ----------------------------------------------------------------------------------------------

name="no text of a figure lies on another or is cut off, whatever is drawn"
"$made" "$work/wide" loads=none,flood,interrupts backends=taktd,qemu-macvtap,ovs-dpdk,qemu-bridge,ovs-kernel,testpmd,vhost-net,veth,hosts reps=2 frames=300 schedule=1 bad=1
wrong=
for dir in full many wide few; do
	report "$work/$dir" --format md || wrong="$wrong $dir: exit $?"
	wrong="$wrong$(tests/net/campaign/overlap "$work/$dir/report/"*.svg | head -2 | sed "s/^/ $dir: /" | tr '\n' ' ')"
done
if [ -z "$wrong" ]; then ok "$name"; else fail "$name" "$wrong"; fi

name="a set-up has one colour in all figures, and no two share one"
for figure in cdf:legend:legend_colour series:name:of_colour phase:name:of_colour box:name:of_colour; do
	IFS=: read -r f names paint <<< "$figure"
	paste -d '#' <(sed -n "s/^array $names\[[0-9]*\] = \['\(.*\)'\]$/\1/p" "$work/full/report/$f.gp" | sed "s/', '/\n/g" | sed 's/share that never came//') <(sed -n "s/^array $paint\[[0-9]*\] = \['\(.*\)'\]$/\1/p" "$work/full/report/$f.gp" | sed "s/', '/\n/g")
done | grep -v '^#*$' | sort -u > "$work/colours"
if [ "$(wc -l < "$work/colours")" = 3 ] && [ "$(cut -d '#' -f 3 "$work/colours" | sort -u | wc -l)" = 3 ]; then ok "$name"; else fail "$name" "$(tr '\n' ' ' < "$work/colours")"; fi

name="a curve ends at the share that was lost"
wrong=$(awk -F '\t' 'NR == FNR { split($1, at, /\.(lost|n)$/); if ($1 ~ /\.lost$/) lost[at[1]] = $2; if ($1 ~ /\.n$/) n[at[1]] = $2; next }
	/^# lost/ { if (lost[id]) lossy++; share = lost[id] / (lost[id] + n[id]); if (lost[id] && (last - share > share / 500 || share - last > share / 500)) print id, last, share; next }
	/^# / { id = substr($0, 3); next } NF { split($0, xy, " "); last = xy[2] } END { if (lossy != 6) print lossy " curves of lossy groups" }' "$work/full/report/summary.tsv" "$work/full/report/cdf.dat")
if [ -z "$wrong" ] && grep -q 'share that never came' "$work/full/report/cdf.gp"; then ok "$name"; else fail "$name" "$wrong"; fi

name="who lost everything is named"
"$made" "$work/silent" reps=1 frames=200 loads=none directions=to-guest
n=200 perl -e 'open my $f, "+<", shift or die; binmode $f; seek $f, 96 + 48 * $ENV{n}, 0; print $f "\0" x (32 * $ENV{n})' "$work/silent/cells/veth-to-guest-none-r1/frames.dat"
sed -i 's/"received": 200, "lost": 0/"received": 0, "lost": 200/' "$work/silent/cells/veth-to-guest-none-r1/cell.json"
if report "$work/silent" --format md && grep -q 'Nothing at all came of veth' "$work/silent/report/report.md"; then ok "$name"; else fail "$name" "$(cat "$work/report.log")"; fi

name="of many frames few dots are drawn, the slowest in any case"
"$made" "$work/long" reps=1 frames=30000 loads=flood directions=to-guest
wrong=
report "$work/long" --format md || wrong="exit $?"
most=$(awk '/^# [a-z]*-to-guest/ { block = 0; id = substr($2, 1, length($2) - 3); next } NF == 0 { block++ } NF == 2 && block == 0 && $2 > max[id] { max[id] = $2 } END { for (id in max) print id ".max\t" max[id] "\tns" }' "$work/long/report/series.dat")
[ "$(wc -l <<< "$most")" = 2 ] && [ "$(grep -cxF "$most" "$work/long/report/summary.tsv")" = 2 ] || wrong="$wrong the slowest are not there: $most"
for f in phase series; do
	[ "$(wc -l < "$work/long/report/$f.dat")" -lt 40000 ] && [ "$(stat -c %s "$work/long/report/$f.svg")" -lt 1500000 ] || wrong="$wrong $f: $(wc -l < "$work/long/report/$f.dat") lines"
done
if [ -z "$wrong" ]; then ok "$name"; else fail "$name" "$wrong"; fi

name="only what is drawn is explained"
if grep -q 'Crosses are poll gaps' "$work/full/report/report.md" && ! grep -q 'Crosses' "$work/bad/report/report.md" && grep -q 'shaded stretch' "$work/bad/report/report.md" && ! grep -q 'shaded stretch' "$work/full/report/report.md"; then
	ok "$name"
else
	fail "$name" "$(grep -h 'first repetition of each, so' "$work/full/report/report.md" "$work/bad/report/report.md")"
fi

finish
