array legend[5] = ['a frame: '.axis, 'its talker woke up so late', 'poll gap of the worker: its length', 'error bound of the clock', 'clock was bad: not counted']
keys = bad ? 5 : any_error ? 4 : any_gap ? 3 : 2
key_cols = 3
eval legend_rows
rows = (n + cols - 1) / cols
w = 1000
h = rows * 240 + 46 + key_h
do for [format in 'svg png'] {
	eval terminal(format, w, h)
	set output 'series.'.format
	set multiplot layout rows,cols margins 0.085,0.985,(key_h + 58) / h,1 - 28.0 / h spacing 0.03,62.0 / h
	set border 3 lc rgb '#666666'
	set tics nomirror out scale 0.6 textcolor rgb ink
	set grid ytics lc rgb '#e4e4e4' lt 1
	set logscale y
	set yrange [low_ns:high_ns]
	eval key_dot(1, '#0072B2', 7)
	eval key_dot(2, '#b0b0b0', 7)
	if (keys > 2) { eval key_dot(3, '#D55E00', 2) }
	if (keys > 3) { eval key_line(4, '#E69F00', 2) }
	if (keys > 4) { eval key_box(5, '#f3cdb3') }
	do for [i=1:n] {
		set xrange [0:seconds[i]]
		set title name[i] offset 0,-0.6 font ',11' textcolor rgb '#000000'
		if (i > n - cols) { set xlabel 'time since the cell began (s)' offset 0,0.5 textcolor rgb ink } else { unset xlabel }
		if (i % cols == 1 || cols == 1) { set ylabel axis offset 0.5,0 textcolor rgb ink; eval 'set ytics '.time_tics } else { unset ylabel; eval 'set ytics '.no_tics }
		do for [k=1:bad] {
			if (bad_of[k] == i) { set object k rect from first bad_from[k], graph 0 to first bad_to[k], graph 1 fc rgb '#D55E00' fs transparent solid 0.25 noborder behind } \
			else { set object k rect from graph 0,0 to graph 0,0 fs empty noborder behind }
		}
		plot 'series.dat' index 3 * i - 1 with points pt 7 ps 0.25 lc rgb '#b0b0b0', \
		     'series.dat' index 3 * i - 3 with points pt 7 ps 0.3 lc rgb '#0072B2', \
		     'series.dat' index 3 * i - 2 with points pt 2 ps 0.6 lc rgb '#D55E00', \
		     (error_ns[i] > 0 ? error_ns[i] : NaN) with lines dt 2 lw 1.5 lc rgb '#E69F00'
		unset label
		unset arrow
	}
	unset object
	unset multiplot
	unset output
}
