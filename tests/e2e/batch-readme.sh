#!/bin/sh
# The table of README.md beside other runners: each command prints what its
# row says; lines of output stand there with a blank between them, "..." for
# anything.
. "$(dirname "$0")/tap.sh"
readme=$here/../../README.md
[ -f "$readme" ] || lacks_all README.md
mkdir "$tmp/bin" "$tmp/work" "$tmp/case"
ln -s "$RTFS" "$tmp/bin/rtfs"
export PATH="$tmp/bin:$PATH"
awk -v dir="$tmp/case" '
    /^## / { inside = $2 == "Batches" }
    inside && /^\| .*`.*rtfs batch/ {
	n++
	gsub(/\\\|/, "\001")
	split($0, cell, "|")
	for (i = 2; i <= 4; i++) {
		gsub("\001", "|", cell[i])
		gsub(/^ *`?|`? *$/, "", cell[i])
	}
	print cell[2] > (dir "/" n ".name")
	print cell[3] > (dir "/" n ".cmd")
	print cell[4] > (dir "/" n ".want")
    }' "$readme"
cd "$tmp/work" || exit 99
n=0
while n=$((n + 1)); [ -f "$tmp/case/$n.cmd" ]; do
	name=$(cat "$tmp/case/$n.name")
	if [ "$name" = "a sandbox" ] && ! "$RTFS" doctor >/dev/null 2>&1; then
		unkept "$name" "doctor does not reach :sandboxed"
		continue
	fi
	got=$(sh "$tmp/case/$n.cmd" 2>&1 </dev/null | tr '\n' ' ')
	got=${got% }
	want=$(sed 's/[][*?#\\$'"'"'"(){}&;|<> ]/\\&/g; s/\.\.\./*/g' \
	    "$tmp/case/$n.want")
	eval "case \$got in $want) fits=0 ;; *) fits=1 ;; esac"
	tap_result "$fits" "$name"
	[ "$fits" -eq 0 ] || note "got: $got"
done
ok "the table has rows" [ "$n" -gt 12 ]
done_testing
