#!/bin/sh
# For a user without any rights: the same answers, limits and isolation of
# failures, also where nothing may be written.
. "$(dirname "$0")/tap.sh"

[ "$(id -u)" -eq 0 ] || skip_all "only root can become nobody"
command -v su >/dev/null || lacks_all su
su nobody -s /bin/sh -c true 2>/dev/null || skip_all "su cannot become nobody"

own_copy
mkdir "$tmp/cwd"
cat >"$tmp/cwd/capabilities.rtfs" <<'CAPABILITIES'
(capability :n.echo :exec ["cat"] :codec :json :result [:vector :any])
(capability :n.exit :exec ["sh" "-c" "exit 4"])
(capability :n.spin :exec ["sh" "-c" "while :; do :; done"])
(capability :n.sleep :exec ["sleep" "600"])
CAPABILITIES
chmod 711 "$tmp/bin" # a folder that may be entered but not listed is enough
chmod 555 "$tmp/cwd"

# Arguments may not hold a single quote.
nobody() {
	line="cd '$tmp/cwd' && exec '$RTFS'"
	for arg; do
		line="$line '$arg'"
	done
	run su nobody -s /bin/sh -c "$line"
}

nobody eval "(call :process.exec [\"id\" \"-un\"])"
like "who it is" "$out" ':stdout "nobody'
nobody eval '(reduce + (range 10))'
is "a value" "$out" 45
nobody eval --capabilities . '(call :parallel {:a (task :n.echo 1 "x")
    :b (task :text.upper "x") :c (task (fn [x] (* x 2)) 4)
    :d (task :json.parse "[1]")})'
is "programs, built-ins, functions" "$out" '{:a [1 "x"] :b "X" :c 8 :d [1]}'
nobody eval --capabilities . --timeout 300ms '(let [r (call :parallel
    {:a (task :n.exit) :b (task :n.sleep) :c (task :n.echo 1)
     :d (assoc (task :n.echo 2) :timeout "5s")})]
    [(:kind (:a r)) (:exit (:data (:a r))) (:kind (:b r)) (:c r)])'
is "failure of one" "$out" '[:exit 4 :timeout [1]]'
nobody eval --capabilities . --cpu 1s '(try (call :n.spin)
    (catch Error e (:kind e)))'
is "a limit" "$out" ':cpu-limit'
nobody eval '(try (call (fn [] (loop [v []] (recur (conj v (str v))))))
    (catch Error e (:kind e)))'
is "memory of a function" "$out" ':memory-limit'
nobody eval '(count (call :parallel (map (fn [i] (task :text.upper "x")) (range 2000))))'
is "many tasks" "$out" 2000
nobody eval '(count (call :fs.read "capabilities.rtfs"))'
ok "reading where nothing may be written" test "$out" -gt 100
nobody eval --allow-write . '(try (call :fs.write "new" "x")
    (catch Error e (:message e)))'
like "writing there" "$out" 'new: Permission denied'
nobody eval --allow-write "$tmp/cwd" '(try (call :fs.append
    "capabilities.rtfs" "x") (catch Error e (:message e)))'
like "nor what is there" "$out" 'Permission denied'
nobody eval --report "$tmp/cwd/report" 1
is "a report that cannot be" "$status" 2
like "is named" "$err" 'report: Permission denied'
nobody run "$tmp/cwd/none.rtfs"
is "no such program" "$status" 2
nobody doctor
like "doctor" "$out" '\+ +:sandboxed'
# a worker that may be executed but not read will do
chmod 711 "$tmp"/bin/*
nobody doctor
like "programs that cannot be read" "$out" '\+ +:sandboxed'
chmod 755 "$tmp"/bin/*
chmod 700 "$tmp/bin/rtfs-worker"
nobody eval '(call :text.upper "x")'
like "a worker that is closed" "$err" \
    "$tmp/bin/rtfs-worker: Permission denied.*:unavailable"
nobody doctor
like "doctor names it" "$out" \
    "^ - +rtfs-worker +$tmp/bin/rtfs-worker: Permission denied\$"
like "and the levels" "$out" "^ +$tmp/bin/rtfs-worker: Permission denied\$"
nobody batch echo ::: 1
like "so does batch" "$err" "$tmp/bin/rtfs-worker: Permission denied"
nobody version -v
like "and version" "$out" \
    "^rtfs-worker +$tmp/bin/rtfs-worker: Permission denied\$"
chmod 755 "$tmp/bin/rtfs-worker"
chmod 700 "$tmp/cwd"
run su nobody -s /bin/sh -c "cd /; '$RTFS' run '$tmp/cwd/p.rtfs'"
like "a folder that is closed" "$err" 'p.rtfs: Permission denied'

# Commands stay in a folder that only its holder has: nobody finds it by name.
mkdir -p "$tmp/shut/in"
chmod 700 "$tmp/shut"
chown nobody "$tmp/shut/in"
printf '#!/bin/sh\necho ran "$@"\n' >"$tmp/shut/in/x"
chmod 755 "$tmp/shut/in/x"
inside() {
	run sh -c 'cd "$1" && shift && exec setpriv --reuid nobody --regid \
	    nogroup --clear-groups env HOME=/ "$@"' sh "$tmp/shut/in" "$@"
}
inside sh -c 'cd "$1"' sh "$tmp/shut/in"
ok "a folder that cannot be found again" test "$status" -ne 0
inside "$RTFS" batch ls ::: x
is "a command there" "$status $out" "0 x"
inside "$RTFS" batch ./x ::: 1
is "one of that folder" "$status $out" "0 ran 1"
inside "$RTFS" batch --wd . ls ::: x
is "by --wd ." "$status $out" "0 x"
inside sh -c "echo '{\"cmd\":[\"ls\"],\"dir\":\".\"}' |
    '$RTFS' batch --jsonl -"
is "by dir" "$status $out" "0 x"
inside "$RTFS" batch --wd .. ls ::: x
is "a folder that is closed" "$status" 1
like "is named" "$err" 'cannot enter its directory \.\.: Permission denied'
ok "nothing is left" wait_for 5 none_marked "$tmp/bin/rtfs-worker"
done_testing
