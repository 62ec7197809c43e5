array legend[5] = [axis." of a frame, in its set-up's colour", 'how late its talker woke up', '', '', '']
keys = 2
if (any_gap) { keys = keys + 1; key_of_gap = keys; legend[keys] = 'poll gap of the worker: its length' }
if (any_error) { keys = keys + 1; key_of_error = keys; legend[keys] = 'error bound of the clock' }
if (bad) { keys = keys + 1; key_of_bad = keys; legend[keys] = 'clock was bad: not counted' }
eval legend_rows
rows = (n + cols - 1) / cols
w = 1000
more = 0; do for [i=1:n] { if (strlen(under[i])) { more = 15 } }	# a second line in titles
h = rows * ((rows > 4 ? 195 : 240) + more) + 46 + key_h
do for [format in 'svg png'] {
	eval terminal(format, w, h)
	small = format eq 'svg' ? ',11' : ',8.5'
	set output 'series.'.format
	set multiplot layout rows,cols margins 0.105,0.985,(key_h + 58) / h,1 - (28.0 + more) / h spacing 0.03,(62.0 + more) / h
	set border 3 lc rgb '#666666'
	set tics nomirror out scale 0.6 textcolor rgb ink
	set grid ytics lc rgb '#e4e4e4' lt 1
	set logscale y
	set yrange [low_ns:high_ns]
	eval key_dot(1, '#777777', 7)
	eval key_dot(2, '#c0c0c0', 7)
	if (any_gap) { eval key_dot(key_of_gap, '#000000', 2) }
	if (any_error) { eval key_line(key_of_error, '#000000', 3) }
	if (bad) { eval key_box(key_of_bad, '#eeeeee') }
	do for [i=1:n] {
		set xrange [0:seconds[i]]
		set xtics step(seconds[i])
		set title title_of(i) offset 0,-0.6 font small textcolor rgb '#000000'
		if (i > n - cols) { set xlabel 'time since the cell began (s)' offset 0,0.5 textcolor rgb ink } else { unset xlabel }
		if (i % cols == 1 || cols == 1) { set ylabel 'time' offset 0,0 textcolor rgb ink; eval 'set ytics '.time_tics } else { unset ylabel; eval 'set ytics '.no_tics }
		do for [k=1:bad] {
			if (bad_of[k] == i) { set object k rect from first bad_from[k], graph 0 to first bad_to[k], graph 1 fc rgb '#eeeeee' fs solid 1 noborder behind } \
			else { set object k rect from graph 0,0 to graph 0,0 fs empty noborder behind }
		}
		plot 'series.dat' index 3 * i - 1 using 1:2:(seconds[i] * 5e-4):(0) with vectors nohead lw 2.2 lc rgb '#c0c0c0', \
		     'series.dat' index 3 * i - 3 using 1:2:(seconds[i] * 5e-4):(0) with vectors nohead lw 2.6 lc rgb of_colour[i], \
		     'series.dat' index 3 * i - 2 with points pt 2 ps 0.5 lc rgb '#000000', \
		     (error_ns[i] > 0 ? error_ns[i] : NaN) with lines dt 2 lw 1.5 lc rgb '#000000'
		unset label
		unset arrow
	}
	unset object
	unset multiplot
	unset output
}
