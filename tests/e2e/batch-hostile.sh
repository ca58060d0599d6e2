#!/bin/sh
# Values that mean harm: none becomes a line, a field or a command of its own.
. "$(dirname "$0")/tap.sh"
cd "$tmp" || exit 99

# -- the joblog
forger=$(printf "x'\n9\t:\t0\t0\t0\t0\t1\t0\techo >forged #")
run "$RTFS" batch --joblog log -0 test 1 = ::: "$forger"
is "a newline in a command makes no second line of the joblog" \
    "$(wc -l <log) $(tail -1 log | cut -f 9- | tr '\0' '\n')" \
    "2 test 1 = 'x'\"'\"'
9	:	0	0	0	0	1	0	echo >forged #'"
"$RTFS" batch --joblog log --retry-failed 2>/dev/null
is "nor a second job" "$? $(cut -f 1,7 log | tail -2 | tr '\n\t' '  ')" \
    "1 1 1 1 1 "
ok "and nothing of it is run" test ! -e forged
rm -f log
two=$(printf 'a\nb')
run "$RTFS" batch --joblog log echo ::: "$two"
run "$RTFS" batch --joblog log --resume echo ::: "$two" c
is "a command of two lines is known again" "$out" c
rm -f log
run "$RTFS" batch --joblog log --shell 'echo {}; false' ::: "$two"
run "$RTFS" batch --joblog log --retry-failed
is "and run again as it was" "$out" "$two"
if command -v parallel >/dev/null; then
	rm -f log theirs
	"$RTFS" batch --joblog log -0 echo ::: "$two" >/dev/null
	parallel --will-cite --joblog theirs -0 echo ::: "$two" >/dev/null
	is "as GNU parallel writes it" "$(cut -f 9- log | tr '\0' @)" \
	    "$(cut -f 9- theirs | tr '\0' @)"
else
	lacks "as GNU parallel writes it" "GNU parallel"
fi
rm -f log
# shellcheck disable=SC2016 # it is not to be expanded
run "$RTFS" batch --joblog log --capability json.parse ::: '$(echo >forged)'
run "$RTFS" batch --joblog log --retry-failed
is "the text of a task is nothing for sh" "$status $err" "255 rtfs: \
batch: --retry-failed: job 1 of the joblog is a task; --resume-failed with the input runs it"
rm -f log
run "$RTFS" batch --joblog log false ::: "$(printf '\377')"
run "$RTFS" batch --joblog log --retry-failed
is "nor is another text run than the one that failed" "$status $err" "255 rtfs: \
batch: --retry-failed: job 1 of the joblog is no UTF-8; --resume-failed with the input runs it"

# -- tags, and quotes of the caller's
run "$RTFS" batch -k --tag echo ::: "$two"
is "a newline in a value makes no second tag" "$out" "$(printf 'a\\nb\ta\na\\nb\tb')"
said=' stands in quotes; values have their own'
# shellcheck disable=SC2016 # it is not to be expanded
for text in 'echo "x {}"' "echo '{1}'" 'echo "a\"{}"' "awk '{}'"; do
	run "$RTFS" batch --shell "$text" ::: '$(echo >ran)'
	like "--shell warns of $text" "$err" "^rtfs: --shell: [{]1?}$said"
done
for text in "awk '{print \$1}' {}" 'echo "a" {} "b"' 'echo \"{}\"' \
    "echo \"a'b\" {}" 'echo "{#}" {}'; do
	run "$RTFS" batch --shell "$text" ::: /dev/null
	is "and not of $text" "$err" ""
done

# -- messages and what can be pasted
evil=$(printf "v\033[31m\nrtfs: job 2: fake '\\\\' \302\233\377")
seen='v\\033\[31m\\nrtfs: job 2: fake'
run "$RTFS" batch -j1 -tv --timeout 10s --halt now,fail=1 false ::: "$evil"
is "no escape of a value is in a message" \
    "$(printf %s "$err" | tr -d ' -~\n' | wc -c)" 0
is "nor a line of its own" "$(printf '%s\n' "$err" | grep -c '^rtfs: job 2')" 0
like "-t quotes it for bash" "$err" "^false [$]'$seen"
if command -v bash >/dev/null; then
	run "$RTFS" batch --dry-run --tag printf '%s.' ::: "$evil"
	is "--dry-run, too: two lines" "$(printf '%s\n' "$out" | wc -l)" 2
	is "which can be pasted" \
	    "$(printf '%s\n' "$out" | tail -n 1 | cut -f 2- | bash)" "$evil."
	run "$RTFS" batch --dry-run --shell 'printf %s. {}' ::: "$evil"
	is "with a shell" "$(printf '%s\n' "$out" | bash)" "$evil."
else
	lacks "--dry-run, too" bash
fi
printf '%s\n' '{"cancel":"x\necho >forged"}' \
    '{"id":"a","cmd":["no\necho >forged"]}' '{"id":"a\necho >forged","cmd":[]}' |
    "$RTFS" batch --dry-run --jsonl - 2>/dev/null >pasted
sh ./pasted 2>/dev/null
ok "nor can an id or a name be, with what follows" test ! -e forged

# -- bytes that are no UTF-8
bad=$(printf 'b\377\n\033"\\')
if command -v python3 >/dev/null; then
	cat >all.py <<'END'
import json, sys
for name in sys.argv[1:]:
    with open(name, "rb") as f:
        if name.startswith("trace"):
            records = json.load(f)
        else:
            records = [json.loads(line) for line in f]
    text = json.dumps(records, ensure_ascii=False)
    assert "b\\ufffd".encode().decode("unicode_escape") in text, (name, text)
print("read")
END
	echo '(' >"p-$bad.rtfs"
	run "$RTFS" batch --report report --trace trace -k -o jsonl --tag \
	    echo ::: a "$bad"
	printf '%s\n' "$out" >jsonl
	"$RTFS" batch --results r.json echo ::: "$bad" 2>/dev/null
	"$RTFS" batch -o jsonl "$(printf 'no-b\377')" ::: a >message 2>/dev/null
	"$RTFS" check --json "p-$bad.rtfs" >diag 2>/dev/null
	run python3 all.py jsonl report trace r.json message diag
	is "every JSON is read: output, report, trace, results, errors" "$out$err" read
	run sh -c 'printf "a\nb\377\nc\n" | "$RTFS" batch -k -o msgpack echo |
	    tr -d "\0" | grep -ao digest | wc -l'
	is "and so is every record as msgpack" "$out$err" 3
else
	lacks "every JSON is read" python3
fi

done_testing
