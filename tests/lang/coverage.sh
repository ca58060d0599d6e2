#!/bin/sh
# Every name of the core library has tests, and stands in the man page with the
# usage and the text that the library itself gives.
#
#	coverage.sh LANGTEST [MAN-PAGE]
#
# LANGTEST is the runner (langtest --names lists the names, --doc how they are
# used); the .test files are those beside this script.  A name counts as tested
# in each case whose program mentions it outside strings; fewer than three
# cases fail.

[ $# -ge 1 ] || {
	echo "usage: coverage.sh LANGTEST [MAN-PAGE]" >&2
	exit 2
}
dir=$(dirname "$0")
names=$("$1" --names) || exit 99

doc=$("$1" --doc) || exit 99

printf '%s\n%s\n' "$names" "$doc" |
    awk -v page="${2-}" -v files="$(ls "$dir"/*.test)" '
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
function plain(s) {
	gsub(/\\&/, "", s)
	gsub(/\\\(aq/, "\x27", s)
	gsub(/\\\(ga/, "`", s)
	gsub(/\\\(ha/, "^", s)
	gsub(/\\\(ti/, "~", s)
	gsub(/\\\(dq/, "\"", s)
	gsub(/\\e/, "\\", s)
	gsub(/[ \t]+/, " ", s)
	return s
}
# A usage line or the text below it.
function documented(line) {
	if (index(text, plain(line)) == 0) {
		printf "not in %s: %s\n", page, line
		bad++
	}
}
/^[( ]/ { doc[++ndoc] = $0; next }
{ names[++nnames] = $0 }
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
			text = text plain(line) " "
		}
		for (i = 1; i <= ndoc; i++)
			documented(doc[i])
	}
	for (i = 1; i <= nnames; i++) {
		if (cases[names[i]] + 0 < 3) {
			printf "%s: %d cases, 3 are wanted\n", names[i],
			    cases[names[i]]
			bad++
		}
	}
	printf "%d names, %d missing\n", nnames, bad
	exit bad > 0
}'
