keys = curves + lossy
eval legend_rows
rows = (n + cols - 1) / cols
w = 1000
h = rows * (cols == 1 ? 380 : cols == 2 ? 290 : 250) + 46 + key_h
do for [format in 'svg png'] {
	eval terminal(format, w, h)
	small = format eq 'svg' ? ',11' : ',8.5'
	set output 'cdf.'.format
	set multiplot layout rows,cols margins 0.15,0.985,(key_h + 62) / h,1 - 30.0 / h spacing 0.05,66.0 / h
	set border 3 lc rgb '#666666'
	set tics nomirror out scale 0.6 textcolor rgb ink
	set grid lc rgb '#e4e4e4' lt 1
	set logscale xy
	set xrange [low_ns:high_ns]
	set yrange [tail:1.3]
	eval 'set xtics '.x_tics(830.0 / cols - 20)
	if (cols > 2) { set xtics font small }
	do for [k=1:curves] { eval key_line(k, legend_colour[k], legend_dash[k]) }
	if (lossy) { eval key_line(keys, '#555555', 4); eval key_dot(keys, '#555555', 9) }
	do for [i=1:n] {
		set title name[i] offset 0,-0.6 font small textcolor rgb '#000000'
		if (i > n - cols) { set xlabel axis offset 0,0.3 textcolor rgb ink } else { unset xlabel }
		if (i % cols == 1 || cols == 1) { set ylabel 'frames that took longer' offset 1.5,0 textcolor rgb ink; \
			set ytics ('all' 1, '1 in 10' 1e-1, '1 in 100' 1e-2, '1 in 1,000' 1e-3, '1 in 10,000' 1e-4, '1 in 10⁵' 1e-5, '1 in 10⁶' 1e-6, '1 in 10⁷' 1e-7) } \
		else { unset ylabel; set ytics ('' 1, '' 1e-1, '' 1e-2, '' 1e-3, '' 1e-4, '' 1e-5, '' 1e-6, '' 1e-7) }
		plot for [k=first[i]:first[i] + count[i] - 1] for [o=1:2] 'cdf.dat' index 2 * k - 2 using 1:(o == 1 || of_dash[k] == 2 ? $2 : NaN) with steps lw (o == 1 ? width(of_dash[k]) : 1.4) dt dash(of_dash[k]) lc rgb (o == 1 ? of_colour[k] : '#ffffff'), \
		     for [k=first[i]:first[i] + count[i] - 1] 'cdf.dat' index 2 * k - 1 using 1:(lost[k] ? $2 : NaN) with lines lw 2 dt 3 lc rgb of_colour[k], \
		     for [k=first[i]:first[i] + count[i] - 1] 'cdf.dat' index 2 * k - 1 every ::1::1 using 1:(lost[k] ? $2 : NaN) with points pt 9 ps 0.9 lc rgb of_colour[k]
		unset label
		unset arrow
	}
	unset multiplot
	unset output
}
