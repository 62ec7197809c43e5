array legend[2] = ["a frame, in its set-up's colour", 'gate of its class open']
keys = gates ? 2 : 1
eval legend_rows
rows = (n + cols - 1) / cols
w = 1000
more = 0; do for [i=1:n] { if (strlen(under[i])) { more = 15 } }	# a second line in titles
h = rows * ((rows > 4 ? 195 : 230) + more) + 46 + key_h
do for [format in 'svg png'] {
	eval terminal(format, w, h)
	small = format eq 'svg' ? ',11' : ',8.5'
	set output 'phase.'.format
	set multiplot layout rows,cols margins 0.085,0.985,(key_h + 58) / h,1 - (28.0 + more) / h spacing 0.055,(62.0 + more) / h
	set border 3 lc rgb '#666666'
	set tics nomirror out scale 0.6 textcolor rgb ink
	set grid ytics lc rgb '#e4e4e4' lt 1
	eval key_dot(1, '#777777', 7)
	if (gates) { eval key_box(2, '#ffe9a8') }
	do for [i=1:n] {
		set yrange [0:cycle_us[i]]
		set xrange [0:seconds[i]]
		set xtics step(seconds[i])
		set title title_of(i) offset 0,-0.6 font small textcolor rgb '#000000'
		if (i > n - cols) { set xlabel 'time since the cell began (s)' offset 0,0.5 textcolor rgb ink } else { unset xlabel }
		if (i % cols == 1 || cols == 1) { set ylabel (from_due ? 'since it was due (µs)' : 'place in the cycle (µs)') offset 0.5,0 textcolor rgb ink } else { unset ylabel }
		do for [k=1:gates] {
			if (gate_of[k] == i) { set object k rect from graph 0, first gate_from[k] to graph 1, first gate_to[k] fc rgb '#ffe9a8' fs solid 1 noborder behind } \
			else { set object k rect from graph 0,0 to graph 0,0 fs empty noborder behind }
		}
		plot 'phase.dat' index i - 1 using 1:2:(seconds[i] * 5e-4):(0) with vectors nohead lw 2.6 lc rgb of_colour[i]
		unset label
	}
	unset object
	unset multiplot
	unset output
}
