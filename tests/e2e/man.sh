#!/bin/sh
# Every example of the man pages runs and gives what the page says.
#
# In a literal display:   a program of one or more lines,
#	> text		what it prints,
#	=> value	its value, or: error CLASS
# A program sees the definitions of those before it in the same display; "..."
# at the end of a value stands for anything.  A line "$ rtfs ..." is a command
# that must be understood (it does not end with status 2).
. "$(dirname "$0")/tap.sh"
pages=$here/../../src/man
export PATH="$tmp/bin:$PATH"
mkdir "$tmp/bin" "$tmp/work"
ln -s "$RTFS" "$tmp/bin/rtfs"
cd "$tmp/work" || exit 99

# PAGE: files N.rtfs, N.want, N.print (of cases), N.text (displays without
# cases), N.cmd (commands) into $tmp/cases.
extract() {
	rm -rf "$tmp/cases"
	mkdir "$tmp/cases"
	awk -v dir="$tmp/cases" '
	    function plain(s) {
		gsub(/\\&/, "", s)
		gsub(/\\\(aq/, "\x27", s)
		gsub(/\\\(ga/, "`", s)
		gsub(/\\\(ha/, "^", s)
		gsub(/\\\(ti/, "~", s)
		gsub(/\\\(dq/, "\"", s)
		gsub(/\\-/, "-", s)
		gsub(/\\e/, "\\", s)
		return s
	    }
	    function command(s) {
		print s > (dir "/" ++n ".cmd")
	    }
	    /^\.Bd -literal/ { inside = 1; defs = text = print_ = ""; next }
	    /^\.Ed/ {
		if (text != "" && defs == "")
			printf "%s", text > (dir "/" ++n ".text")
		inside = 0
		next
	    }
	    /^\.Dl \$ / { command(plain(substr($0, 7))) }
	    !inside { next }
	    { line = plain($0) }
	    line ~ /^\$ / { command(substr(line, 3)); next }
	    line ~ /^> / { print_ = print_ substr(line, 3) "\n"; next }
	    line ~ /^=> / {
		n++
		printf "%s%s", defs, text > (dir "/" n ".rtfs")
		printf "%s", print_ > (dir "/" n ".print")
		print substr(line, 4) > (dir "/" n ".want")
		if (text ~ /^\(def/)
			defs = defs text
		else if (defs == "")
			defs = "\n"
		text = print_ = ""
		next
	    }
	    { text = text line "\n" }
	' "$1"
}

check_case() { # N NAME
	want=$(cat "$tmp/cases/$1.want")
	run rtfs run "$tmp/cases/$1.rtfs"
	case $want in
	error\ *)
		like "$2" "$(printf '%s\n' "$err" | head -n 1)" \
		    ":[0-9]+:[0-9]+: ${want#error }: "
		;;
	*...)
		case $out in
		"${want%...}"*) tap_result 0 "$2" ;;
		*) is "$2" "$out$err" "$want" ;;
		esac
		;;
	*)
		is "$2" "$out$err" "$(cat "$tmp/cases/$1.print"
		    printf '%s' "$want")"
		;;
	esac
}

# A display without cases is a manifest, a policy or a program.
check_text() { # N NAME
	mkdir -p "$tmp/work/text"
	text=$tmp/cases/$1.text
	case $(head -n 1 "$text") in
	"(capability"*)
		cp "$text" "$tmp/work/text/capabilities.rtfs"
		printf '#!/bin/sh\n' >"$tmp/work/text/get_user.py"
		chmod +x "$tmp/work/text/get_user.py"
		run rtfs check "$tmp/work/text/capabilities.rtfs"
		;;
	"#include"*) # a plug-in
		cp "$text" "$tmp/work/text/math.c"
		echo '(capability :math.twice :plugin "./libmath.so")' \
		    >"$tmp/work/text/capabilities.rtfs"
		${CC:-cc} -shared -fPIC -I "$here/../../workers" \
		    -o "$tmp/work/text/libmath.so" "$tmp/work/text/math.c"
		run rtfs eval --capabilities "$tmp/work/text" \
		    '(assert (= 42 (call :math.twice 21)))'
		;;
	"{"*) run rtfs eval --policy "$text" 1 ;;
	*) run rtfs check "$text" ;;
	esac
	is "$2" "$status$err" 0
}

for page in "$pages"/*.[1-9]; do
	name=${page##*/}
	extract "$page"
	n=0
	while n=$((n + 1)); [ -n "$(ls "$tmp/cases/$n".* 2>/dev/null)" ]; do
		if [ "$name" = rtfs-batch.1 ]; then
			continue # batch-man.sh runs its examples
		elif [ -f "$tmp/cases/$n.cmd" ]; then
			run sh "$tmp/cases/$n.cmd"
			ok "$name: \$ $(cat "$tmp/cases/$n.cmd")" \
			    [ "$status" -ne 2 ]
		elif [ -f "$tmp/cases/$n.text" ]; then
			check_text "$n" \
			    "$name: $(head -n 1 "$tmp/cases/$n.text")"
		else
			check_case "$n" "$name: $(grep -v '^$' \
			    "$tmp/cases/$n.rtfs" | tail -n 1)"
		fi
	done
	if [ "$name" = rtfs-language.7 ]; then
		ok "rtfs-language.7 has examples" [ "$n" -gt 80 ]
	fi
done

if command -v mandoc >/dev/null; then
	for page in "$pages"/*.[1-9]; do
		lint=$(mandoc -Tlint -W style "$page" 2>&1 |
		    grep -v -e 'referenced manual not found' -e 'mandoc.db')
		is "${page##*/} is good mdoc" "$lint" ""
	done
else
	lacks "the pages are good mdoc" mandoc
fi
done_testing
