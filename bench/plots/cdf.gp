keys = curves
key_cols = 3
eval legend_rows
rows = (n + cols - 1) / cols
w = 1000
h = rows * (cols == 1 ? 380 : cols == 2 ? 290 : 250) + 46 + key_h
do for [format in 'svg png'] {
	eval terminal(format, w, h)
	set output 'cdf.'.format
	set multiplot layout rows,cols margins 0.15,0.985,(key_h + 62) / h,1 - 30.0 / h spacing 0.05,66.0 / h
	set border 3 lc rgb '#666666'
	set tics nomirror out scale 0.6 textcolor rgb ink
	set grid lc rgb '#e4e4e4' lt 1
	set logscale xy
	set xrange [low_ns:high_ns]
	set yrange [tail:1.3]
	eval 'set xtics '.time_tics
	do for [k=1:keys] { eval key_line(k, colour(k), dash(k)) }
	do for [i=1:n] {
		set title name[i] offset 0,-0.6 font ',11' textcolor rgb '#000000'
		if (i > n - cols) { set xlabel axis offset 0,0.3 textcolor rgb ink } else { unset xlabel }
		if (i % cols == 1 || cols == 1) { set ylabel 'frames that took longer' offset 1.5,0 textcolor rgb ink; \
			set ytics ('all' 1, '1 in 10' 1e-1, '1 in 100' 1e-2, '1 in 1,000' 1e-3, '1 in 10,000' 1e-4, '1 in 10⁵' 1e-5, '1 in 10⁶' 1e-6, '1 in 10⁷' 1e-7) } \
		else { unset ylabel; set ytics ('' 1, '' 1e-1, '' 1e-2, '' 1e-3, '' 1e-4, '' 1e-5, '' 1e-6, '' 1e-7) }
		plot for [k=first[i]:first[i] + count[i] - 1] 'cdf.dat' index k - 1 with steps lw 2 dt dash(setup[k]) lc rgb colour(setup[k])
		unset label
		unset arrow
	}
	unset multiplot
	unset output
}
