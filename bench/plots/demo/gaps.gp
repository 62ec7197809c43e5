# SPDX-License-Identifier: BSD-3-Clause
# The machine's noise floor: how often the worker did not see its clock, and for how long. `gnuplot gaps.gp` draws it again.
load 'params.gp'
set terminal svg size 1200,420 dynamic font 'sans-serif,14' background '#ffffff'
set output 'gaps.svg'
set border 3 lc rgb '#666666'
set tics nomirror out scale 0.6 textcolor rgb '#333333'
set lmargin at screen 0.075; set rmargin at screen 0.975; set bmargin at screen 0.265; set tmargin at screen 0.95
set logscale xy
set format y '10^{%L}'
set xrange [4000:top_ns]
@time_tics_x
set grid lc rgb '#e4e4e4' lt 1
set xlabel 'length of a poll gap' offset 0,0.2 textcolor rgb '#333333'
set ylabel 'longer gaps per second' textcolor rgb '#333333'
set key at screen 0.5,0.05 center horizontal maxrows 1 maxcols 6 samplen 2.5 width 1 textcolor rgb '#333333'
plot for [i=1:words(runs)] 'gaps-'.word(runs, i).'.dat' with steps lw 2.2 lc rgb colour_of(word(runs, i)) title title_of(word(runs, i))
