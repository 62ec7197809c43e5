# SPDX-License-Identifier: BSD-3-Clause
# How many frames of the plc stayed longer than that. `gnuplot cdf.gp` in the folder of results draws it again.
load 'params.gp'
set terminal svg size 1200,480 dynamic font 'sans-serif,14' background '#ffffff'
set output 'cdf.svg'
set border 3 lc rgb '#666666'
set tics nomirror out scale 0.6 textcolor rgb '#333333'
set lmargin at screen 0.075; set rmargin at screen 0.975; set bmargin at screen 0.235; set tmargin at screen 0.95
set logscale xy
set yrange [tail_min:1.2]
set format y '10^{%L}'
set xrange [1000:top_ns]
@time_tics_x
set grid lc rgb '#e4e4e4' lt 1
set xlabel 'stay: seen by the worker until handed to the wire' offset 0,0.2 textcolor rgb '#333333'
set ylabel 'share of frames that stayed longer (1 − F)' textcolor rgb '#333333'
set key at screen 0.5,0.045 center horizontal maxrows 1 maxcols 6 samplen 2.5 width 1 textcolor rgb '#333333'
plot for [i=1:words(runs)] 'cdf-'.word(runs, i).'.dat' with steps lw 2.2 lc rgb colour_of(word(runs, i)) title title_of(word(runs, i))
