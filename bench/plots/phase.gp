array legend[2] = ['a frame', 'gate of its class open']
keys = gates ? 2 : 1
key_cols = 4
eval legend_rows
rows = (n + cols - 1) / cols
w = 1000
h = rows * 230 + 46 + key_h
do for [format in 'svg png'] {
	eval terminal(format, w, h)
	set output 'phase.'.format
	set multiplot layout rows,cols margins 0.085,0.985,(key_h + 58) / h,1 - 28.0 / h spacing 0.045,62.0 / h
	set border 3 lc rgb '#666666'
	set tics nomirror out scale 0.6 textcolor rgb ink
	set grid ytics lc rgb '#e4e4e4' lt 1
	eval key_dot(1, '#0072B2', 7)
	if (gates) { eval key_box(2, '#a6dcca') }
	do for [i=1:n] {
		set yrange [0:cycle_us[i]]
		set xrange [0:seconds[i]]
		set xtics step(seconds[i])
		set title name[i] offset 0,-0.6 font ',11' textcolor rgb '#000000'
		if (i > n - cols) { set xlabel 'time since the cell began (s)' offset 0,0.5 textcolor rgb ink } else { unset xlabel }
		if (i % cols == 1 || cols == 1) { set ylabel 'place in the cycle (µs)' offset 0.5,0 textcolor rgb ink } else { unset ylabel }
		do for [k=1:gates] {
			if (gate_of[k] == i) { set object k rect from graph 0, first gate_from[k] to graph 1, first gate_to[k] fc rgb '#009E73' fs transparent solid 0.22 noborder behind } \
			else { set object k rect from graph 0,0 to graph 0,0 fs empty noborder behind }
		}
		plot 'phase.dat' index i - 1 with points pt 7 ps 0.3 lc rgb '#0072B2'
		unset label
	}
	unset object
	unset multiplot
	unset output
}
