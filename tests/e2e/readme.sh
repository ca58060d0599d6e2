#!/bin/sh
# Every example of README.md runs and prints what the page says.
#
# A block ```console holds commands ("$ ...") and what they print; "..." in
# the expectation stands for anything, alone on a line for any lines.  A line
# <!-- file: NAME --> before a block makes it a file of the example folder.
. "$(dirname "$0")/tap.sh"
readme=$here/../../README.md
[ -f "$readme" ] || lacks_all README.md

mkdir "$tmp/bin" "$tmp/work" "$tmp/cases"
ln -s "$RTFS" "$tmp/bin/rtfs"
awk -v dir="$tmp" '
    /^<!-- file: / { file = $3; next }
    /^```/ && !inside {
	inside = 1
	console = /^```console/
	if (file != "") out = dir "/work/" file
	next
    }
    /^```/ { inside = 0; file = ""; out = ""; next }
    !inside { next }
    out != "" { print > out; next }
    console && /^\$ / {
	n++
	print substr($0, 3) > (dir "/cases/" n ".cmd")
	printf "" > (dir "/cases/" n ".want")
	next
    }
    console && n { print > (dir "/cases/" n ".want") }
' "$readme"
PATH=$tmp/bin:$PATH
export PATH
ln -s "$(cd "$here/../../contrib" && pwd)" "$tmp/work/contrib"
cd "$tmp/work" || exit 99
chmod +x ./*.sh 2>/dev/null

# matches WANT GOT: line by line with wildcards.
matches() {
	awk -v got="$2" '
	    function fits(line, want,    parts, n, i, at) {
		if (index(want, "...") == 0)
			return line == want
		n = split(want, parts, /\.\.\./)
		if (substr(line, 1, length(parts[1])) != parts[1])
			return 0
		line = substr(line, length(parts[1]) + 1)
		for (i = 2; i < n; i++) {
			at = index(line, parts[i])
			if (parts[i] != "" && at == 0)
				return 0
			line = substr(line, at + length(parts[i]))
		}
		return parts[n] == "" || (length(line) >= length(parts[n]) &&
		    substr(line, length(line) - length(parts[n]) + 1) == parts[n])
	    }
	    BEGIN { while ((getline l < got) > 0) have[++m] = l; at = 1 }
	    { want[++k] = $0 }
	    END {
		for (i = 1; i <= k; i++) {
			if (want[i] == "...") {
				if (i == k) exit 0
				while (at <= m && !fits(have[at], want[i + 1])) at++
				continue
			}
			if (at > m || !fits(have[at], want[i])) exit 1
			at++
		}
		exit at <= m
	    }' "$1"
}

n=0
while n=$((n + 1)); [ -f "$tmp/cases/$n.cmd" ]; do
	cmd=$(cat "$tmp/cases/$n.cmd")
	case $cmd in
	./contrib/dev* | man\ * | git\ *) continue ;; # not from in here
	esac
	sh "$tmp/cases/$n.cmd" >"$tmp/cases/$n.got" 2>&1 </dev/null
	if matches "$tmp/cases/$n.want" "$tmp/cases/$n.got"; then
		tap_result 0 "$cmd"
	else
		tap_result 1 "$cmd"
		sed 's/^/# want: /' "$tmp/cases/$n.want"
		sed 's/^/# got:  /' "$tmp/cases/$n.got"
	fi
done
ok "the page has examples" [ "$n" -gt 5 ]
done_testing
