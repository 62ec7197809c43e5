set encoding utf8
ink = '#333333'
svg(w, h) = sprintf("set terminal svg size %d,%d dynamic rounded noenhanced font 'DejaVu Sans,sans-serif,13' background '#ffffff'", w, h)
png(w, h) = sprintf("set terminal pngcairo size %d,%d rounded noenhanced fontscale 1.95 lw 2 ps 2 font 'DejaVu Sans,10' background '#ffffff'", 2 * w, 2 * h)	# twice as many dots: for paper
terminal(format, w, h) = format eq 'svg' ? svg(w, h) : png(w, h)
time_tics = "('10 ns' 1e1, '100 ns' 1e2, '1 µs' 1e3, '10 µs' 1e4, '100 µs' 1e5, '1 ms' 1e6, '10 ms' 1e7, '100 ms' 1e8, '1 s' 1e9, '10 s' 1e10)"
few_tics = "('' 1e1, '100 ns' 1e2, '' 1e3, '10 µs' 1e4, '' 1e5, '1 ms' 1e6, '' 1e7, '100 ms' 1e8, '' 1e9, '10 s' 1e10)"
no_tics = "('' 1e1, '' 1e2, '' 1e3, '' 1e4, '' 1e5, '' 1e6, '' 1e7, '' 1e8, '' 1e9, '' 1e10)"
# Tics of time along an axis that is px long: each decade, or each second one where there is no room.
x_tics(px) = px / log10(high_ns / low_ns) < 45 ? few_tics : time_tics
ns_text(x) = x < 999.5 ? sprintf('%.3g ns', x) : x < 999.5e3 ? sprintf('%.3g µs', x / 1e3) : x < 999.5e6 ? sprintf('%.3g ms', x / 1e6) : sprintf('%.3g s', x / 1e9)
# A panel's title: what was set up, and beneath it what that had to stand.
title_of(i) = name[i].(under[i] eq '' ? '' : "\n".under[i])
# The legend has a place of its own at the bottom, key_h high, in as many columns as its longest text leaves room for: entry k has the text legend[k]. Each of the last three gives the command that draws one.
legend_rows = "longest = 0; none = sum [k=1:keys] (longest = strlen(legend[k]) > longest ? strlen(legend[k]) : longest, 0); key_cols = 920 / (longest * 8 + 56); key_cols = key_cols < 1 ? 1 : key_cols > keys ? keys : key_cols; key_rows = (keys + key_cols - 1) / key_cols; key_h = key_rows * 21 + 10.0"
key_x(k) = 0.06 + ((k - 1) % key_cols) * 0.92 / key_cols
key_y(k) = (key_h - 12 - ((k - 1) / key_cols) * 21) / h
key_text(k) = sprintf("set label %d legend[%d] at screen %g,%g left textcolor rgb ink; ", 900 + k, k, key_x(k) + 0.036, key_y(k))
key_box(k, c) = key_text(k).sprintf("set object %d rect center screen %g,%g size screen 0.026,%g fc rgb '%s' fs solid 0.85 noborder front", 900 + k, key_x(k) + 0.014, key_y(k), 11.0 / h, c)
line(k, i, x, y, c, from, to, lw) = sprintf("set arrow %d from screen %g,%g to screen %g,%g nohead lw %g lc rgb '%s' front; ", 1000 + 5 * k + i, x + from, y, x + to, y, lw, c)
# How a curve is drawn: 1 is a line, 2 a hollow one (a white line upon it), the others are dashed. A terminal of SVG knows no dashes of arrows.
dash(d) = d < 3 ? 1 : d - 1
width(d) = d == 2 ? 3.6 : 2
key_line(k, c, d) = key_text(k).(d < 3 ? line(k, 1, key_x(k), key_y(k), c, 0, 0.028, width(d)).(d == 2 ? line(k, 2, key_x(k), key_y(k), '#ffffff', 0.001, 0.027, 1.4) : '') \
	: line(k, 1, key_x(k), key_y(k), c, 0, d == 4 ? 0.001 : 0.007, 2).line(k, 2, key_x(k), key_y(k), c, 0.011, d == 3 ? 0.017 : 0.012, 2).line(k, 3, key_x(k), key_y(k), c, d == 4 ? 0.022 : 0.021, d == 4 ? 0.023 : 0.028, 2))
key_dot(k, c, t) = key_text(k).sprintf("set label %d '' at screen %g,%g point pt %d ps 0.8 lc rgb '%s' front", 950 + k, key_x(k) + 0.014, key_y(k), t, c)
# Names of rows, and what those of one condition are headed by.
rows_of = "unset ytics; do for [i=1:n] { set label 700 + i name[i] at graph 0, first row_at[i] right offset -1,0 textcolor rgb ink }; do for [i=1:heads] { set label 800 + i head[i] at screen 0.012, first head_at[i] left textcolor rgb '#000000'; set object 800 + i rect from screen 0.005, first head_at[i] - 10 to screen 0.995, first head_at[i] + 10 fc rgb '#f1f1f1' fs solid 1 noborder behind }"
# A step of a linear axis that leaves four to six tics, whatever their length.
step(x) = 10**floor(log10(x / 4)) * (x / 4 / 10**floor(log10(x / 4)) < 2 ? 1 : x / 4 / 10**floor(log10(x / 4)) < 5 ? 2 : 5)
unset key
