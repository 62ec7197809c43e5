keys = hops
# Milliseconds where there are many microseconds
us(p) = p == 1 ? most_median : most_tail
per(p) = us(p) < 2000 ? 1.0 : 1000.0
unit(p) = us(p) < 2000 ? 'µs' : 'ms'
eval legend_rows
w = 1000
h = rows_px + 106 + key_h
do for [format in 'svg png'] {
	eval terminal(format, w, h)
	set output 'hops.'.format
	set multiplot layout 1,2 margins left,0.97,(key_h + 72) / h,1 - 32.0 / h spacing 0.03,0
	set border 1 lc rgb '#666666'
	set tics nomirror out scale 0.6 textcolor rgb ink
	set grid xtics lc rgb '#e4e4e4' lt 1
	set yrange [rows_px:0]
	do for [k=1:keys] { eval key_box(k, hop_colour[k]) }
	do for [p=1:2] {
		if (p == 1) { eval rows_of } else { unset ytics; do for [i=1:heads] { unset object 800 + i } }
		set xrange [0:us(p) / per(p) * 1.04]
		set xtics step(us(p) / per(p))
		set title (p == 1 ? 'a frame in the middle' : 'a frame of the slowest 1 %') offset 0,-0.6 textcolor rgb '#000000'
		set xlabel 'time on average ('.unit(p).(p == 1 ? ')' : '): another scale') offset 0,0.3 textcolor rgb ink
		plot for [k=1:hops] 'hops.dat' index p - 1 using (column(2 * k) / per(p)):(row_at[int($1)]):(column(2 * k) / per(p)):(column(2 * k + 1) / per(p)):(row_at[int($1)] - 8):(row_at[int($1)] + 8) \
			with boxxyerror lc rgb hop_colour[k] fs solid 0.85 noborder
		unset label
		unset object
	}
	unset multiplot
	unset output
}
