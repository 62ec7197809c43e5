keys = hops
eval legend_rows
w = 1000
h = rows_px + 106 + key_h
# Edges of hop k as shares of the whole, which ends where the last one does.
share(c) = 100.0 * column(c) / (column(2 * hops + 1) > 0 ? column(2 * hops + 1) : 1)
do for [format in 'svg png'] {
	eval terminal(format, w, h)
	set output 'hops.'.format
	set multiplot layout 1,2 margins left,0.92,(key_h + 72) / h,1 - 32.0 / h spacing 0.1,0
	set border 1 lc rgb '#666666'
	set tics nomirror out scale 0.6 textcolor rgb ink
	set grid xtics lc rgb '#e4e4e4' lt 1
	set yrange [rows_px:0]
	set xrange [0:100]
	set xtics 20
	unset ytics
	do for [k=1:keys] { eval key_box(k, hop_colour[k]) }
	do for [p=1:2] {
		if (p == 1) { eval rows_of } else { do for [i=1:heads] { unset object 800 + i } }
		do for [i=1:n] { set label 600 + i ns_text(p == 1 ? middle_ns[i] : tail_ns[i]) at graph 1.015, first row_at[i] left textcolor rgb ink }
		set title (p == 1 ? 'a frame in the middle' : 'a frame of the slowest 1 %') offset 0,-0.6 textcolor rgb '#000000'
		set xlabel 'share of its time (%)' offset 0,0.3 textcolor rgb ink
		plot for [k=1:hops] 'hops.dat' index p - 1 using (share(2 * k)):(row_at[int($1)]):(share(2 * k)):(share(2 * k + 1)):(row_at[int($1)] - 8):(row_at[int($1)] + 8) \
			with boxxyerror lc rgb hop_colour[k] fs solid 0.85 noborder
		unset label
		unset object
	}
	unset multiplot
	unset output
}
