array legend[4] = ['p25 to p75', 'median', 'p1 to p99', 'slowest that came']
keys = 4
eval legend_rows
w = 1000
h = rows_px + 84 + key_h
do for [format in 'svg png'] {
	eval terminal(format, w, h)
	set output 'box.'.format
	set border 1 lc rgb '#666666'
	set tics nomirror out scale 0.6 textcolor rgb ink
	set lmargin at screen left; set rmargin at screen 0.97; set tmargin at screen 1 - 12.0 / h; set bmargin at screen (key_h + 72) / h
	set logscale x
	set xrange [low_ns:high_ns]
	set yrange [rows_px:0]
	eval 'set xtics '.x_tics(w * (0.97 - left))
	eval rows_of
	set grid xtics lc rgb '#e4e4e4' lt 1
	set xlabel axis offset 0,0.3 textcolor rgb ink
	eval key_box(1, '#777777')
	eval key_line(2, '#000000', 1)
	eval key_line(3, '#777777', 1)
	eval key_dot(4, '#777777', 2)
	plot for [i=1:n] 'box.dat' index i - 1 using 2:1:2:6 with xerrorbars pt -1 lw 1.2 lc rgb of_colour[i], \
	     for [i=1:n] 'box.dat' index i - 1 using 4:1:3:5:($1 - half):($1 + half) with boxxyerror lc rgb of_colour[i] fs solid 0.75 noborder, \
	     'box.dat' using 4:1:4:4:($1 - half):($1 + half) with boxxyerror lw 2 lc rgb '#000000' fs empty border, \
	     for [i=1:n] 'box.dat' index i - 1 using 7:1 with points pt 2 ps 0.5 lw 1.5 lc rgb of_colour[i]
	unset arrow
	unset object
	unset label
	unset output
}
