keys = causes
eval legend_rows
w = 1000
h = rows_px + 84 + key_h
do for [format in 'svg png'] {
	eval terminal(format, w, h)
	set output 'causes.'.format
	set border 1 lc rgb '#666666'
	set tics nomirror out scale 0.6 textcolor rgb ink
	set lmargin at screen left; set rmargin at screen 0.88; set tmargin at screen 1 - 12.0 / h; set bmargin at screen (key_h + 72) / h
	set grid xtics lc rgb '#e4e4e4' lt 1
	set yrange [rows_px:0]
	set xrange [0:100]
	eval rows_of
	do for [i=1:n] { set label i ns_text(excess_ns[i]) at graph 1.01, first row_at[i] left textcolor rgb ink }
	set xlabel 'share of the time beyond what is usual (%)' offset 0,0.3 textcolor rgb ink
	do for [k=1:keys] { eval key_box(k, cause_colour[k]) }
	plot for [k=1:causes] 'causes.dat' using (column(2 * k)):(row_at[int($1)]):(column(2 * k)):(column(2 * k + 1)):(row_at[int($1)] - 8):(row_at[int($1)] + 8) \
		with boxxyerror lc rgb cause_colour[k] fs solid 0.85 noborder
	unset label
	unset object
	unset output
}
