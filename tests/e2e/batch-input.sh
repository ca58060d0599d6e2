#!/bin/sh
# rtfs batch from the command line and its inputs to jobs: what is refused and
# how it is said, what holds for jobs, and input that comes slowly or never
# ends.
. "$(dirname "$0")/tap.sh"
batch() { run "$RTFS" batch "$@"; }
cd "$tmp" || exit 99

# usage: 255 and a reason
usage() { # REASON ARG...
	reason=$1
	shift
	batch "$@"
	is "status of: batch $*" "$status" 255
	like "reason of: batch $*" "$err" "$reason"
}
usage 'which command\?'
usage 'no such command; did you mean --shell\?' 'gzip -9 {}' ::: a
usage 'unknown option --tiemout; did you mean --timeout' --tiemout 1 true
usage '"x" is no number' -n x echo
usage 'no regular expression' --colsep '(' echo ::: a
usage 'No such file' echo :::: none
usage 'has its values itself' --jsonl none echo ::: a
usage 'no command, no values' --rtfs none echo
usage 'unknown capability :text.uper; did you mean :text.upper' \
    --capability text.uper ::: a
usage 'is not "?:"?' --header 2 echo
usage 'reads standard input or one file' --pipe cat ::: a
usage 'which file behind ::::' echo ::::
usage '"" is no kind of failure' --retries 2 --retry-on exit, echo ::: a
usage '-I: which text' -I '' echo ::: a
for delimiter in '\400' '\8' '\x' '\xfff' ab ''; do
	usage 'is neither one byte nor one of' -d "$delimiter" echo ::: a
done
# what would mean nothing
usage '--args goes with --capability' --args json echo ::: a
usage '--results has no places' --results 'r/{}' echo ::: a
usage '--block goes with --pipe' --block 1k echo ::: a
usage '--retry-on goes with --retries' --retry-on exit echo ::: a
usage '--retry-delay goes with --retries' --retry-delay 1 echo ::: a
usage '--leave-children goes with --isolation inherit' \
    --leave-children --isolation sandboxed echo ::: a
for option in --pipe --csv '--colsep ,' '--header :' --link --shuf -0 '-d ,' \
    '-n 1' '-N 1' '-L 1' '-s 9' -X -m --xargs '-I x' --tag '--tagstring x' \
    '--wd /'; do
	# shellcheck disable=SC2086 # an option and its argument
	usage ' does not go with --jsonl alone' --jsonl lines $option
	# shellcheck disable=SC2086
	usage ' does not go with --rtfs' --rtfs lines $option
done
for option in --csv '--colsep ,' --link --shuf '-s 9' -X -m --xargs '-n 0' \
    '--capability text.upper'; do
	# shellcheck disable=SC2086
	usage ' does not go with --pipe' --pipe $option
done
for option in --csv '--colsep ,' '--header :' --pipe; do
	# shellcheck disable=SC2086
	usage ' does not go with --jsonl, whose' --jsonl lines $option echo
done
# what others have and this has not
usage 'no option --will-cite: there is nothing to cite' --will-cite echo ::: a
usage 'no option -i: say -I' -i{} echo ::: a
usage 'no option -S: jobs run on this machine' -S host echo ::: a
usage 'no option --tmpdir: set TMPDIR' --tmpdir /tmp echo ::: a
usage 'no option --process-slot-var: say \{%\}' --process-slot-var=S echo ::: a
usage '-j: "no-such" is not N, N%, .* or a file .*: No such file' \
    -j no-such echo ::: a
echo many >width
usage 'width: its first line is "many", not N' -j width echo ::: a

# several values a job
batch -k -n 2 echo ::: a b c
is "-n 2" "$out" "a b
c"
batch -k -n 2 echo 'x{}y{1}' ::: a b c
is "-n 2 with templates" "$out" "xa bya
xcyc"

# input that is wrong costs its own job only
printf 'a\nb\0c\nd\n' >nul
batch -k echo :::: nul
is "a NUL byte: the others run" "$out$status" "a
d1"
like "a NUL byte: line and remedy" "$err" 'line 2: a NUL byte; with -0'
printf 'n\nok\n"a\n1\n2\n' >bad.csv
batch -k --csv --header : echo '{n}' :::: bad.csv
like "a quote that is not closed has its line" "$err" \
    'line 3, column 1: a quote that is not closed'
printf 'a,b,a\n1,2,3\n' >twice.csv
usage '--header: line 1: columns 1 and 3 are both named "a"' \
    --csv --header : echo '{a}' :::: twice.csv
printf 'a,b,,\n1,2,3,4\n' >unnamed.csv
batch --csv --header : echo '{b} {4}' :::: unnamed.csv
is "columns without a name may be several" "$out" "2 4"
printf 'a,b\n1\n1,2,3\n4,5\n' >ragged.csv
batch -k --csv --header : echo '{a}-{b}' :::: ragged.csv
is "rows of another width fail alone" "$out$status" 4-52
like "a row that is too narrow has its line" "$err" \
    'job 1: .*line 2: 1 field, but the header has 2'
like "and one that is too wide" "$err" \
    'job 2: .*line 3: 3 fields, but the header has 2'
printf '\357\273\277n\n1\n' >mark.csv
batch --csv --header : echo '{n}' :::: mark.csv
is "a byte order mark is no part of a name" "$out" 1
printf '\357\273\277"n\nm"\n1\n' >mark.csv
batch --csv --header : echo :::: mark.csv
is "nor hides a quote" "$out" 1
printf '\357\273\277{"cmd":["echo","1"]}\r\n{"cmd":["echo","2"]}\r\n' >mark.jsonl
batch -k --jsonl mark.jsonl
is "nor is it a part of a line of JSON" "$status $out" "0 1
2"
printf '\357\273' >mark.jsonl
batch --jsonl mark.jsonl
like "half of one is none" "$status $err" '^1 .*line 1: '
printf 'name,mail\nAda,a@b\n' >users.csv
# shellcheck disable=SC2016 # text in braces
batch --csv --header : echo '{naem} {print $1} {id} {mail}' :::: users.csv
is "what is no column stays as it is" "$out" '{naem} {print $1} {id} a@b'
is "a misspelt column is told, and nothing else" "$err" \
    'rtfs: {naem} is no column and stays as it is; did you mean {name}?'
batch --csv --header : echo '{mail} {name}' :::: users.csv
is "with columns that are there nothing is said" "$err" ""
head -c 140000 /dev/zero | tr '\0' a >long
batch -k echo :::: long ::: x
is "a word that is too long: status" "$status" 1
like "a word that is too long" "$err" \
    'word 2 of the command is 140000 bytes long; the kernel takes 131071'
run sh -c 'printf "\\377\\n" | "$RTFS" batch --capability text.upper'
like "what is not UTF-8 is no argument" "$err" \
    'argument 1: byte 0 is not UTF-8'
batch -k --capability time.sleep ::: 0 soon 1.5
is "an argument of the wrong type fails alone" "$status" 1
like "an argument of the wrong type" "$err" \
    'job 2: invalid-arguments: argument 1: expected .*got "soon"'
batch -k -o rtfs --args json --capability json.stringify ::: '{"a":[1]}' '{'
like "--args json reads each argument" "$out" '"\{\\"a\\":\[1\]\}"'
is "--args json: one was wrong" "$status" 1

# JSON lines
printf '%s\n' '{"cmd":["echo","1"],"tmeout":1}' '' '{"shell":"echo 2"}' \
    'no' '{"capability":"no.such"}' >lines
batch -k --jsonl lines
is "wrong lines fail alone" "$out$status" 23
like "an unknown member: line, member, remedy" "$err" \
    'line 1: unknown member "tmeout"; did you mean "timeout"'
like "what is no JSON has its line" "$err" 'job 3: .*line 4: '
like "an unknown capability has its kind" "$err" \
    'job 4: unknown-capability: line 5: '
printf '{"shell":"a\\u0000b"}\n' >nulled
batch --jsonl nulled
like "a NUL in a text is told as one" "$err" '"shell" is a text without NUL'
echo '{"cmd":["sleep","9"],"timeout":50}' >short
batch --jsonl short
like "a number as the timeout of a line is milliseconds" "$err" 'after 50ms'
echo '{"n":1,"f":"a b"}' >rows
batch --jsonl rows echo '{f}={n}'
is "members are columns for a command" "$out" "a b=1"

# a program
echo '{:a 5}' >wrong.rtfs
usage 'task :a: expected a task, got int' --rtfs wrong.rtfs
echo '(/ 1 0)' >throws.rtfs
usage 'throws.rtfs:1:1: DivisionByZero' --rtfs throws.rtfs
echo '[(task (fn [x] (* x x)) 3) (task :text.upper "a")]' >good.rtfs
batch -o rtfs --rtfs good.rtfs
is "tasks of a program" "$out$status" '[9 "A"]0'
for n in 2 3; do
	echo "{:a (task (fn [f x] (f x)) (fn [y] (* y $n)) 21)}" >given.rtfs
	batch -o rtfs --state given.db --resume --rtfs given.rtfs
	is "a function that is given another, $n: its own job" "$out$status" \
	    "{:a $((21 * n))}0"
done

# what holds for jobs
batch --dry-run echo {} ::: a
is "--dry-run: nothing holds for a command" "$out" \
    "# commands: isolation inherit, no limits
echo a"
printf '%s\n' '{"cmd":["/bin/echo","a b"],"timeout":"2s","limits":{"nofile":9}}' >one
batch --dry-run --jsonl one
is "--dry-run: a line's own limits" "$out" \
    "# commands: isolation inherit, no limits
/bin/echo 'a b' # commands: isolation inherit, timeout 2s, nofile 9"
batch -v true ::: a
like "-v begins with what holds" "$(echo "$err" | head -n 1)" \
    'commands: isolation inherit, no limits'
batch --dry-run --capability text.upper ::: a
like "--dry-run: a capability has its defaults" "$out" \
    '# :text.upper: isolation sandboxed, timeout 30s, '
echo '{:rules [{:match "process.exec" :timeout "9s"}]}' >rule.rtfs
batch --policy rule.rtfs --dry-run true ::: a
like "a rule for process.exec holds for commands" "$out" 'timeout 9s'
echo '{:deny ["process.*"]}' >deny.rtfs
batch --policy deny.rtfs touch ::: denied
ok "a command that is denied does not run" [ ! -e denied -a "$status" = 1 ]
like "it says who denies it" "$err" 'denied by :deny at .*deny.rtfs:1'
batch --policy deny.rtfs --dry-run true ::: a
like "--dry-run says it, too" "$out" '^# commands: denied: '
echo '{:rules [{:match "process.exec" :program ["/usr/bin/true"]}]}' >prog.rtfs
batch --policy prog.rtfs true ::: a
is "a program that a rule names runs" "$status" 0
batch --policy prog.rtfs touch ::: other
ok "another does not" [ ! -e other -a "$status" = 1 ]
printf '%s\n' '{"cmd":["true"]}' '{"cmd":["touch","other"]}' \
    '{"cmd":["no-such"]}' >three
batch --policy prog.rtfs --dry-run --jsonl three
has="commands: isolation inherit, no limits, programs of $PWD/prog.rtfs:1"
is "--dry-run knows which do" "$out" \
    "# $has
true
touch other # $has; denied: $(command -v touch) is not among the programs
no-such # $has; no-such: no such command"
echo '{:rules [{:match "process.exec" :env ["SHOWN" "FIXED=1"]}]}' >env.rtfs
SHOWN=yes HIDDEN=no
export SHOWN HIDDEN
batch --policy env.rtfs env -u PATH -u HOME -u LANG -u TZ -u TMPDIR ::: -0
is "variables that policy names, and fixed ones" \
    "$(tr '\0' ' ' <"$tmp/.out")" "SHOWN=yes FIXED=1 "
batch --policy env.rtfs --allow-env HIDDEN --env MORE=2 \
    env -u PATH -u HOME -u LANG -u TZ -u TMPDIR ::: -0
is "options add to them" \
    "$(tr '\0' ' ' <"$tmp/.out")" "SHOWN=yes FIXED=1 HIDDEN=no MORE=2 "
# shellcheck disable=SC2016 # for the shell of the job
echo '{"shell":"echo $SHOWN $HIDDEN $X","env":{"SHOWN":"mine","X":"y"}}' >own
batch --policy env.rtfs --jsonl own
is "a line brings its own" "$out" "mine y"
batch --env MORE=2 --shell 'echo $MORE $HIDDEN #' ::: a
is "without policy options take nothing away" "$out" "2 no"
batch --policy env.rtfs --dry-run true ::: a
like "--dry-run says whose variables" "$out" 'variables of .*/env.rtfs:1$'
# shellcheck disable=SC2016 # for the shell of the job
batch -k --env A=1 --shell 'echo "$A" {}' ::: x
is "--env NAME=VALUE" "$out" "1 x"
# shellcheck disable=SC2016
is "commands have the caller's environment and umask" \
    "$(umask 027; B=2 "$RTFS" batch --shell 'echo $B; umask; :' ::: x)" "2
0027"
batch --wd "$tmp/none" true ::: a
like "a folder that is not there is named" "$err" \
    'unavailable: cannot enter its directory .*/none: No such file'
# shellcheck disable=SC2016
batch --shell 'cat; echo {}' ::: x
is "standard input of a command is empty" "$out" "x"

# each line starts as soon as it is there: a question, its answer, the next
mkfifo to from
"$RTFS" batch --jsonl - <to >from 2>talk.err &
exec 7>to 8<from
for word in one two three; do
	echo "{\"capability\":\"text.upper\",\"args\":[\"$word\"]}" >&7
	read -r answer <&8
	is "a co-process answers $word" "$answer" \
	    "$(echo $word | tr '[:lower:]' '[:upper:]')"
done
exec 7>&-
wait $!
is "and ends with its input" "$?" 0
exec 8<&-

# input without an end
run sh -c 'yes | "$RTFS" batch -q -j2 --halt soon,done=50 true'
is "input without an end: the batch ends" "$status" 0
run sh -c 'yes | "$RTFS" batch --dry-run echo {} | head -n 3 | wc -l'
is "--dry-run of it ends with its reader" "$out" 3
printf '%s\n' '{"cmd":["echo","a"],"id":"x","cmd":["echo","b"]}' \
    '{"cmd":["true"],"env":{"A":"1","B":"","A":"2"}}' >twice.jsonl
run "$RTFS" batch -k --jsonl twice.jsonl
is "a member twice in a line runs nothing" "$status $out" "2 "
like "and is told" "$err" 'line 1: the member "cmd" is given twice'
like "also inside" "$err" 'line 2: the member "A" is given twice'
run "$RTFS" batch -k --jsonl twice.jsonl echo '{cmd}'
like "of columns, too" "$status $err" 'the member "cmd" is given twice'
printf '%s\n' '{"shell":"sleep 0.1; echo one"}' '{"id":1,"cmd":["echo","two"]}' \
    '{"after":1,"cmd":["echo","three"]}' >ids.jsonl
run "$RTFS" batch -k -j2 --jsonl ids.jsonl
is "the number of a line is nobody's id" "$status$err $(echo "$out" |
    tr '\n' ' ')" "0 one two three "
done_testing
