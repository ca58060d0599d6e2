# report.awk -v program=NAME -v names="ours lua ..." TARGETS ROWS
# ROWS are stopwatch -t's, one for each name: wall ms, CPU ms, peak KiB.
NR == FNR {
	if ($1 == program)
		target[++ntargets] = $0
	next
}
FNR == 1 { split(names, name, " ") }
{
	wall[name[FNR]] = $1
	cpu[name[FNR]] = $2
	peak[name[FNR]] = $3
	printf "  %-9s %9.1f ms %9.1f ms cpu %7.1f MB", name[FNR], $1, $2,
	    $3 / 1024
	if (FNR > 1)
		printf "   ours is %.2f, %.2f and %.2f of it", wall["ours"] / $1,
		    share(cpu["ours"], $2), share(peak["ours"], $3)
	print ""
}
function share(a, b) { return b > 0 ? a / b : 0 }
function met(got, bound) { return got <= bound + 0 ? "met" : "MISSED" }
function judge(word, bound, unit, note,    got) {
	if (unit == "ms") {
		got = wall["ours"]
		printf "  %s <= %s ms: %.1f (cpu %.1f) %s\n", word, bound, got,
		    cpu["ours"], met(got, bound)
		return
	}
	got = wall["ours"] / wall[unit]
	printf "  %s <= %s x %s%s: %.2f (cpu %.2f) %s\n", word, bound, unit, note,
	    got, share(cpu["ours"], cpu[unit]), met(got, bound)
}
END {
	for (i = 1; i <= ntargets; i++) {
		split(target[i], t, /[ \t]+/)
		if (t[4] == "ms" || t[4] in wall)
			judge(t[2], t[3], t[4], "")
		else if (t[6] in wall)
			judge(t[2], t[5], t[6],
			    " (for " t[3] " x " t[4] ", which is not here)")
		else
			printf "  %s <= %s x %s: not measured, no %s\n", t[2],
			    t[3], t[4], t[4]
	}
	if ("lua" in peak)
		printf "  must <= 1.00 x lua's peak memory: %.2f %s\n",
		    peak["ours"] / peak["lua"], met(peak["ours"], peak["lua"])
}
