#!/bin/sh
# :secrets reach the tasks that may have them, and nobody's eyes.
. "$(dirname "$0")/tap.sh"
cd "$tmp" || exit 99

key=sk_live_5rT7xQ9
mkdir -p .config/rtfs/secrets
chmod 700 .config/rtfs/secrets
(umask 077 && echo "$key" >.config/rtfs/secrets/stripe-key &&
    printf 'abc' >.config/rtfs/secrets/short)
cat >capabilities.rtfs <<'X'
(capability :s.var :exec ["sh" "-c" "printf %s \"$STRIPE_KEY\""] :codec :argv)
(capability :s.file :exec ["cat" "/run/secrets/stripe-key"] :codec :argv)
(capability :s.sum :exec ["sh" "-c" "printf %s $STRIPE_KEY | md5sum"] :codec :argv)
(capability :s.leak :exec ["sh" "-c" "echo key $STRIPE_KEY and $SHORT >&2; exit 3"] :codec :argv)
(capability :s.pieces :exec ["sh" "-c" "printf 'a %.5s' $STRIPE_KEY >&2; sleep 0.1; printf '%s b' ${STRIPE_KEY#?????} >&2; exit 3"] :codec :argv)
(capability :s.half :exec ["sh" "-c" "printf 'half %.5s' $STRIPE_KEY >&2; exit 3"] :codec :argv)
(capability :s.write :exec ["sh" "-c" "echo x >/run/secrets/new || echo x >/run/secrets/stripe-key"] :codec :argv)
(capability :s.wait :exec ["sh" "-c" "touch started; sleep 60"] :codec :argv)
(capability :o.var :exec ["sh" "-c" "printf %s \"$STRIPE_KEY\"; ls /run/secrets 2>/dev/null; true"] :codec :argv)
X
cat >policy.rtfs <<'X'
{:rules [{:match ["s.*" "env.*" "process.exec"]
          :secrets {"STRIPE_KEY" "stripe-key" "SHORT" "short"}}]}
X
chmod 644 capabilities.rtfs policy.rtfs

rt() { # OPTIONS... EXPRESSION
	run "$RTFS" eval -o text --capabilities . --policy policy.rtfs "$@"
}

rt '(call :s.var)'
is "as a variable of a program" "$out" "$key"
rt '(call :env.get "STRIPE_KEY")'
is "of a built-in" "$out" "$key"
rt '(:stdout (call :process.exec ["sh" "-c" "echo $STRIPE_KEY"]))'
is "of what process.exec runs" "$out" "$key"
rt '(call :o.var)'
is "not of another capability" "$out" ""

# as a file, where a slot has a root of its own
rt --isolation isolated '(call :s.file)'
if printf '%s' "$err" | grep -q ':unavailable'; then
	unkept "as a file" "$(printf '%s' "$err" | head -1)" isolated
else
	is "as a file" "$out" "$key"
	rt --isolation isolated '(call :s.var)'
	is "and as the variable" "$out" "$key"
	rt --isolation isolated '(call :o.var)'
	is "neither for another capability" "$out" ""
	rt --isolation isolated '(call :s.write)'
	like "which nobody can write" "$err" 'Read-only file system'
	rt --isolation sandboxed '(call :s.file)'
	is "also under :sandboxed" "$out" "$key"
fi

# not seen
rt '(call :s.leak)'
like "hidden in an error" "$err" 'key \*\*\* and abc'
unlike "nowhere else" "$err" "$key"
rt --report report --trace trace '(call :s.leak)'
unlike "nor in records and traces" "$(cat report trace)" "$key"
rt --stderr live '(call :s.pieces)'
like "in pieces, live" "$err" 'a \*\*\* b'
unlike "and nothing of it" "$err" "$key"
rt --stderr errors '(call :s.pieces)'
like "in pieces, kept in a file" "$(cat errors/*)" 'a \*\*\* b'
rt '(call :s.half)'
like "what only might be the beginning of one is not lost" "$err" 'half sk_li'
rt '(call :process.exec ["/nonexistent/'"$key"'"])'
unlike "hidden in the message of a built-in" "$(printf '%s\n' "$err" |
    sed -n 1p)" "$key"
cat >thrown.rtfs <<'X'
{:rules [{:match "rtfs.fn" :secrets {"STRIPE_KEY" "stripe-key"}}]}
X
chmod 644 thrown.rtfs
run "$RTFS" eval --policy thrown.rtfs "(:t (call :parallel {:t (task (fn []
    (throw {:k [\"$key\" 1 (list \"a$key\")] \"$key\" 2})))}))"
like "in the data of an error, too" "$out" \
    ':value \{:k \["\*\*\*" 1 .?\("a\*\*\*"\)\] "\*\*\*" 2\}'
unlike "all of it" "$out" "$key"

# the jobs of a batch
cat >batch.rtfs <<'X'
{:default {:secrets {"STRIPE_KEY" "stripe-key"}}}
X
chmod 644 batch.rtfs
bt() { # LEVEL ARG...
	level=$1
	shift
	run "$RTFS" batch --policy batch.rtfs --isolation "$level" --shell \
	    --joblog joblog --report records --trace trace "$@" ::: 1
}
for level in inherit sandboxed; do
	bt $level 'echo $STRIPE_KEY #'
	is "a job has it: $level" "$out" "$key"
	bt $level -o jsonl 'echo $STRIPE_KEY >&2; exit 3 #'
	like "$level: hidden in what it writes" "$out" '"stderr":"\*\*\*'
	like "$level: and in the message" "$out" 'status 3: \*\*\*"'
	unlike "$level: in every record" \
	    "$out$err$(cat joblog records trace)" "$key"
done
run "$RTFS" batch --policy batch.rtfs --dry-run --shell 'echo $STRIPE_KEY #' ::: 1
unlike "a dry run does not show it" "$out$err" "$key"

run "$RTFS" policy explain --policy policy.rtfs --capabilities . s.var
like "explain names it" "$out" 'secrets +\{"STRIPE_KEY" "stripe-key"'
unlike "and does not show it" "$out" "$key"

"$RTFS" eval --isolation inherit --capabilities . --policy policy.rtfs \
    '(call :s.wait)' \
    >/dev/null 2>&1 &
pid=$!
ok "a supervisor that has one" wait_for 10 test -e started
tr '\0' '\n' <"/proc/$pid/environ" >environ
tr '\0' '\n' <"/proc/$pid/cmdline" >>environ
unlike "not in the supervisor's environment and arguments" "$(cat environ)" \
    "$key"
kill -9 "$pid"
wait "$pid" 2>/dev/null

# where it comes from
mkdir -m 700 credentials
printf 'from-systemd' >credentials/stripe-key
chmod 440 credentials/stripe-key
CREDENTIALS_DIRECTORY=$tmp/credentials rt '(call :s.var)'
is "systemd's credentials come first" "$out" from-systemd
for mode in 404 422 644 666; do
    chmod "$mode" credentials/stripe-key
    CREDENTIALS_DIRECTORY=$tmp/credentials rt '(call :s.var)'
    like "which systemd never makes with mode $mode" "$err" \
        "credentials/stripe-key has mode 0$mode: others could"
done
rm credentials/stripe-key
mkfifo -m 600 credentials/stripe-key
run timeout 20 env CREDENTIALS_DIRECTORY="$tmp/credentials" \
    "$RTFS" eval --capabilities . --policy policy.rtfs '(call :s.var)'
like "nor as a FIFO, for which nobody waits" "$err" \
    'credentials/stripe-key: not a regular file.*unavailable'
chmod 640 .config/rtfs/secrets/stripe-key
rt '(call :s.var)'
like "a file that others may read is refused" "$err" \
    'policy\.rtfs:2\): .*stripe-key has mode 0640.*chmod 600'
rm .config/rtfs/secrets/stripe-key
rt '(call :s.var)'
like "a missing one, with the places" "$err" \
    'stripe-key is not in \$CREDENTIALS_DIRECTORY, nor in .*rtfs/secrets.*unavailable'
ln -s /etc/passwd .config/rtfs/secrets/stripe-key
rt '(call :s.var)'
like "a link is none" "$err" 'symbolic|levels'
rm .config/rtfs/secrets/stripe-key
(umask 077 && printf 'a\0b' >.config/rtfs/secrets/stripe-key)
rt '(call :s.var)'
like "a NUL cannot be a variable" "$err" 'NUL'
(umask 077 && head -c 70000 /dev/zero | tr '\0' x \
    >.config/rtfs/secrets/stripe-key)
rt '(call :s.var)'
like "a large one is refused" "$err" 'larger than'

done_testing
