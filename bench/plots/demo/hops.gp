# SPDX-License-Identifier: BSD-3-Clause
# Where the frames of the plc spent their time. `gnuplot hops.gp` in the folder of results draws it again.
load 'params.gp'
set terminal svg size 1200,520 dynamic font 'sans-serif,14' background '#ffffff'
set output 'hops.svg'
set border 3 lc rgb '#666666'
set tics nomirror out scale 0.6 textcolor rgb '#333333'
set lmargin at screen 0.075; set rmargin at screen 0.985; set bmargin at screen 0.20; set tmargin at screen 0.95
set logscale y
set yrange [8:top_ns]
@time_tics_y
set grid ytics lc rgb '#e4e4e4' lt 1
set xrange [-0.5:hop_count - 0.5]
set xtics (@hop_tics) scale 0
set for [i=1:hop_count - 1] arrow i from i - 0.5, graph 0 to i - 0.5, graph 1 nohead lc rgb '#e4e4e4'
set ylabel 'time in the hop' textcolor rgb '#333333'
set key at screen 0.5,0.05 center horizontal maxrows 1 maxcols 6 samplen 1.5 width 1 textcolor rgb '#333333'
set boxwidth 0.15
n = words(runs)
at(i) = (i - (n + 1) / 2.0) * 0.19
plot for [i=1:n] 'hops-'.word(runs, i).'.dat' using ($1 + at(i)):3:2:6:5 with candlesticks lc rgb colour_of(word(runs, i)) fs solid 0.4 border \
	title title_of(word(runs, i)) whiskerbars 0.6, \
     for [i=1:n] 'hops-'.word(runs, i).'.dat' using ($1 + at(i)):4:4:4:4 with candlesticks lc rgb '#000000' lw 2 notitle, \
     for [i=1:n] 'hops-'.word(runs, i).'.dat' using ($1 + at(i)):7 with points pt 2 ps 0.5 lc rgb colour_of(word(runs, i)) notitle, \
     NaN with points pt 2 ps 0.7 lc rgb '#666666' title 'maximum'
