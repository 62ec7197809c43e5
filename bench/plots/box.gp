array legend[4] = ['p25 to p75', 'median', 'p1 to p99', 'the slowest frame']
keys = 4
key_cols = 4
eval legend_rows
w = 1000
h = cells * 15 + groups * 10 + 84 + key_h
do for [format in 'svg png'] {
	eval terminal(format, w, h)
	set output 'box.'.format
	set border 1 lc rgb '#666666'
	set tics nomirror out scale 0.6 textcolor rgb ink
	set lmargin at screen left; set rmargin at screen 0.97; set tmargin at screen 1 - 12.0 / h; set bmargin at screen (key_h + 62) / h
	set logscale x
	set xrange [low_ns:high_ns]
	set yrange [top:0]
	eval 'set xtics '.time_tics
	set ytics scale 0 ()
	do for [i=1:groups] { set ytics add (name[i] at_row[i]) }
	do for [i=1:groups - 1] { set arrow i from graph 0, first line_at[i] to graph 1, first line_at[i] nohead lc rgb '#e4e4e4' }
	set grid xtics lc rgb '#e4e4e4' lt 1
	set xlabel axis offset 0,0.3 textcolor rgb ink
	eval key_box(1, '#0072B2')
	eval key_line(2, '#000000', 1)
	eval key_line(3, '#56B4E9', 1)
	eval key_dot(4, '#D55E00', 2)
	plot 'box.dat' using 2:1:2:6 with xerrorbars pt -1 lw 1.2 lc rgb '#56B4E9', \
	     'box.dat' using 4:1:3:5:($1 - 5):($1 + 5) with boxxyerror lc rgb '#0072B2' fs solid 0.75 noborder, \
	     'box.dat' using 4:1:4:4:($1 - 5):($1 + 5) with boxxyerror lw 2 lc rgb '#000000' fs empty border, \
	     'box.dat' using 7:1 with points pt 2 ps 0.5 lc rgb '#D55E00'
	unset arrow
	unset object
	unset label
	unset output
}
