#!/bin/sh
# Every example of rtfs-batch(1): a command "$ ..." prints the lines below it;
# of the pairs from xargs and from parallel both print the same.
. "$(dirname "$0")/tap.sh"
page=$here/../../src/man/rtfs-batch.1
mkdir "$tmp/bin" "$tmp/work" "$tmp/case"
ln -s "$RTFS" "$tmp/bin/rtfs"
cat >"$tmp/bin/parallel" <<END
#!/bin/sh
exec $(command -v parallel || echo false) --will-cite "\$@"
END
chmod +x "$tmp/bin/parallel"
export PATH="$tmp/bin:$PATH" PARALLEL_HOME="$tmp"

awk -v dir="$tmp/case" '
    function plain(s) {
	gsub(/\\&/, "", s)
	gsub(/\\e/, "\\", s)
	return s
    }
    /^\.S[hs]/ { part = $2 == "From" ? $3 : $2 }
    /^\.Bd -literal/ { inside = 1; next }
    /^\.Ed/ { inside = program = 0; next }
    !inside { next }
    /^import / { program = 1 }
    program { print plain($0) > (dir "/ask.py"); next }
    /^\$ / {
	n++
	print plain(substr($0, 3)) > (dir "/" n ".cmd")
	printf "" > (dir "/" n ".out")
	print part > (dir "/" n ".part")
	next
    }
    /^{"/ { print plain($0) > (dir "/jobs.jsonl"); next }
    n && $0 != "" { print plain($0) > (dir "/" n ".out") }
' "$page"

cd "$tmp/work" || exit 99
printf 'one\ntwo\n' >a.log
printf 'one\nthree\n\n' >'b c.log'
printf 'a.log\ncommands\n' >list
printf 'name,mail\nAda,ada@example.com\n"Byron, Lord",byron@example.com\n' \
    >users.csv
printf 'echo one | tr a-z A-Z\necho "two  words"\n' >commands
printf 'root:x:/root\nnobody:x:/none\n' >accounts
cp "$tmp/case/jobs.jsonl" "$tmp/case/ask.py" .

examples=0 pairs=0 n=0
while n=$((n + 1)); [ -f "$tmp/case/$n.cmd" ]; do
	command=$(cat "$tmp/case/$n.cmd")
	case $(cat "$tmp/case/$n.part") in
	EXAMPLES)
		if ! command -v "${command%% *}" >/dev/null; then
			lacks "\$ $command" "${command%% *}"
			continue
		fi
		is "\$ $command" "$(sh "$tmp/case/$n.cmd" 2>&1)" \
		    "$(cat "$tmp/case/$n.out")"
		examples=$((examples + 1))
		;;
	xargs | parallel)
		peer=$(cat "$tmp/case/$n.part")
		old=$(sh "$tmp/case/$n.cmd" 2>&1 | sort)
		n=$((n + 1))
		new=$(sh "$tmp/case/$n.cmd" 2>&1 | sort)
		pairs=$((pairs + 1))
		if [ -x "$(PATH=${PATH#*:} command -v "$peer")" ]; then
			is "$command" "$new" "$old"
		else
			lacks "$command" "$peer"
		fi
		;;
	esac
done
ok "there are examples ($examples) and pairs ($pairs)" \
    [ "$examples" -ge 12 -a "$pairs" -ge 12 ]
done_testing
