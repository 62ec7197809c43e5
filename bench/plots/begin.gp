set encoding utf8
ink = '#333333'
svg(w, h) = sprintf("set terminal svg size %d,%d dynamic noenhanced font 'DejaVu Sans,sans-serif,13' background '#ffffff'", w, h)
png(w, h) = sprintf("set terminal pngcairo size %d,%d noenhanced fontscale 1.95 lw 2 ps 2 font 'DejaVu Sans,10' background '#ffffff'", 2 * w, 2 * h)	# twice as many dots: for paper
terminal(format, w, h) = format eq 'svg' ? svg(w, h) : png(w, h)
time_tics = "('10 ns' 1e1, '100 ns' 1e2, '1 µs' 1e3, '10 µs' 1e4, '100 µs' 1e5, '1 ms' 1e6, '10 ms' 1e7, '100 ms' 1e8, '1 s' 1e9, '10 s' 1e10)"
no_tics = "('' 1e1, '' 1e2, '' 1e3, '' 1e4, '' 1e5, '' 1e6, '' 1e7, '' 1e8, '' 1e9, '' 1e10)"
# Colours that people with any colour vision tell apart (Okabe and Ito); beyond eight, dashes.
colour(i) = word('#0072B2 #D55E00 #009E73 #E69F00 #CC79A7 #56B4E9 #000000 #B8A800', (i - 1) % 8 + 1)
dash(i) = (i - 1) / 8 + 1
# The legend has a place of its own at the bottom, key_h high: entry k has the text legend[k]. Each of the last three gives the command that draws one.
legend_rows = "key_rows = (keys + key_cols - 1) / key_cols; key_h = key_rows * 21 + 10.0"
key_x(k) = 0.06 + ((k - 1) % key_cols) * 0.92 / key_cols
key_y(k) = (key_h - 12 - ((k - 1) / key_cols) * 21) / h
key_text(k) = sprintf("set label %d legend[%d] at screen %g,%g left textcolor rgb ink; ", 900 + k, k, key_x(k) + 0.036, key_y(k))
key_box(k, c) = key_text(k).sprintf("set object %d rect center screen %g,%g size screen 0.026,%g fc rgb '%s' fs solid 0.85 noborder front", 900 + k, key_x(k) + 0.014, key_y(k), 11.0 / h, c)
key_line(k, c, d) = key_text(k).sprintf("set arrow %d from screen %g,%g to screen %g,%g nohead lw 2 dt %d lc rgb '%s' front", 900 + k, key_x(k), key_y(k), key_x(k) + 0.028, key_y(k), d, c)
key_dot(k, c, t) = key_text(k).sprintf("set label %d '' at screen %g,%g point pt %d ps 0.8 lc rgb '%s' front", 950 + k, key_x(k) + 0.014, key_y(k), t, c)
# A step of a linear axis that leaves four to six tics, whatever their length.
step(x) = 10**floor(log10(x / 4)) * (x / 4 / 10**floor(log10(x / 4)) < 2 ? 1 : x / 4 / 10**floor(log10(x / 4)) < 5 ? 2 : 5)
unset key
