#!/bin/sh
# Every name of the core library has tests, and stands in the man page.
#
#	coverage.sh LANGTEST [MAN-PAGE]
#
# LANGTEST is the runner (langtest --names lists the names); the .test files
# are those beside this script.  A name counts as tested in each case whose
# program mentions it outside strings; fewer than three cases fail.

[ $# -ge 1 ] || {
	echo "usage: coverage.sh LANGTEST [MAN-PAGE]" >&2
	exit 2
}
dir=$(dirname "$0")
names=$("$1" --names) || exit 99

echo "$names" | awk -v page="${2-}" -v files="$(ls "$dir"/*.test)" '
function tokens(line, seen,    n, i, t) {
	gsub(/\\"/, "", line)
	gsub(/"[^"]*"/, " ", line)
	gsub(/[][(){}",`~@^\x27#]/, " ", line)
	n = split(line, t, /[ \t]+/)
	for (i = 1; i <= n; i++) {
		if (t[i] != "")
			seen[t[i]] = 1
	}
}
function end_case(    t, seen) {
	tokens(program, seen)
	for (t in seen)
		cases[t]++
	program = last = ""
}
{ names[NR] = $0 }
END {
	n = split(files, file, "\n")
	for (i = 1; i <= n; i++) {
		while ((getline line < file[i]) > 0) {
			if (line ~ /^#( |$)/)
				continue
			if (line == "") {
				end_case()
				continue
			}
			program = program " " last
			last = line
		}
		end_case()
	}
	if (page != "") {
		while ((getline line < page) > 0) {
			gsub(/\\[-e&]|\\\(.../, "-", line)
			text = text " " line " "
		}
	}
	for (i = 1; i <= NR; i++) {
		if (cases[names[i]] + 0 < 3) {
			printf "%s: %d cases, 3 are wanted\n", names[i],
			    cases[names[i]]
			bad++
		}
		if (page != "" && index(text, " " names[i] " ") == 0) {
			printf "%s: not in %s\n", names[i], page
			bad++
		}
	}
	printf "%d names, %d missing\n", NR, bad
	exit bad > 0
}'
