# SPDX-License-Identifier: BSD-3-Clause
# Departure within the cycle over time. `gnuplot phase.gp` in the folder of results draws it again.
load 'params.gp'
n = words(loaded)
set terminal svg size 1200,480 dynamic font 'sans-serif,14' background '#ffffff'
set output 'phase.svg'
set multiplot layout 1,n margins 0.075,0.985,(n < 3 ? 0.30 : 0.235),0.90 spacing 0.018,0
set border 3 lc rgb '#666666'
set tics nomirror out scale 0.6 textcolor rgb '#333333'
set yrange [0:cycle_us]
set ytics 100
set xrange [0:seconds]
set xlabel 'time since the first frame of the plc (s)' offset 0,0.2 textcolor rgb '#333333'
set grid ytics lc rgb '#e4e4e4' lt 1
# Each panel holds one entry of the legend, the last one all that are left.
do for [i=1:n] {
	run = word(loaded, i)
	if (i == 1) { set ylabel 'departure after start of cycle (µs)' textcolor rgb '#333333' }
	else { unset ylabel; set format y '' }
	set key at screen 0.075 + (i - 0.5) * 0.91 / n, (n < 3 ? 0.06 : 0.045) center samplen 1.5 textcolor rgb '#333333'
	unset object 1
	if (run eq 'gates') {
		set object 1 rect from graph 0, first 0 to graph 1, first window_us fc rgb '#009E73' fs transparent solid 0.22 noborder behind
	}
	set title title_of(run) offset 0,-0.3 textcolor rgb '#000000'
	plot 'phase-'.run.'-noise.dat' with points pt 7 ps 0.25 lc rgb '#a8a8a8' notitle, \
	     'phase-'.run.'-plc.dat' with points pt 7 ps 0.32 lc rgb '#0072B2' notitle, \
	     NaN with points pt 7 ps 0.9 lc rgb '#0072B2' title (i == 1 ? 'plc, class 7' : ''), \
	     NaN with points pt 7 ps 0.9 lc rgb '#a8a8a8' title (i == 2 || (i == n && n < 2) ? 'noise, best effort (thinned)' : ''), \
	     NaN with boxes fs solid 0.35 noborder lc rgb '#009E73' title (i == 3 || (i == n && n < 3) ? 'window of class 7' : '')
}
unset multiplot
