#!/bin/sh
# What a policy says is what a task has.
. "$(dirname "$0")/tap.sh"
cd "$tmp" || exit 99

policy() { # TEXT: the policy of the next runs
	printf '%s\n' "$1" >"$tmp/policy.rtfs"
	chmod 644 "$tmp/policy.rtfs"
}

call() { # EXPRESSION: $out is its text
	run "$RTFS" eval -o text --capabilities "$here/policy" \
	    --policy "$tmp/policy.rtfs" "(call $1)"
}

# umask
policy '{:rules [{:match "*" :umask "027" :write ["."]}]}'
call ':p.umask'
is "umask of a program" "$out" 0027
call ":fs.write \"$tmp/made\" \"x\""
is "umask of a built-in" "$(stat -c %a "$tmp/made")" 640
policy '{}'
call ':p.umask'
is "umask where nobody says one" "$out" 0077
policy '{:default {:umask 77}}'
call ':p.umask'
is "a bare decimal is a policy error" "$status" 3
like "and says how to write it" "$err" \
    'policy\.rtfs:1:19: PolicyError: :umask: .*0o077'
policy '{:default {:umask 0o077}}'
call ':p.umask'
is "octal as RTFS writes it" "$out" 0077

# directory
mkdir "$tmp/start"
policy '{:rules [{:match "*" :dir "start" :read ["start"]}]}'
call ':p.pwd'
is "directory of a program" "$out" "$tmp/start"
echo "in start" >"$tmp/start/file"
call ':fs.read "file"'
is "directory of a built-in" "$out" "in start"
call ':process.exec ["pwd"]'
like "directory of process.exec" "$out" "$tmp/start"
policy '{:default {:dir "/nonexistent"}}'
call ':p.pwd'
like "a directory that is not there" "$err" ':unavailable.*|cannot enter its dir'

# niceness
nicer=$(($(nice) + 7))
[ "$nicer" -le 19 ] || nicer=19
policy '{:default {:niceness 7}}'
call ':p.nice'
is "niceness of a program" "$out" "$nicer"
call ':process.exec ["nice"]'
like "niceness of process.exec" "$out" ":stdout \"$nicer\\\\n"
run "$RTFS" eval -o text --capabilities "$here/policy" \
    --policy "$tmp/policy.rtfs" '(do (call :p.nice) (call :p.nice))'
is "it does not add up from task to task" "$out" "$nicer"

# user
policy '{:default {:isolation :inherit :user "nobody"}}'
call ':p.id'
if [ "$(id -u)" -eq 0 ]; then
	is "user of a program" "$out" "$(setpriv --reuid nobody \
	    --regid "$(id -g nobody)" --init-groups id)"
	call ':process.exec ["id" "-u"]'
	like "user of process.exec" "$out" ":stdout \"$(id -u nobody)\\\\n\""
	policy '{:default {:isolation :inherit :user "nobody" :write ["/"]}}'
	mkdir -m 777 "$tmp/open"
	call ":fs.write \"$tmp/open/made\" \"x\""
	is "user of a built-in" "$(stat -c %U "$tmp/open/made")" nobody
	policy '{:default {:isolation :inherit :user "4242:tty" :limits {:nproc :unlimited}}}'
	call ':p.id'
	like "user and group by number and name" "$out" \
	    '^uid=4242 gid=5\(tty\) groups=5\(tty\)$'
else
	policy '{:default {:isolation :inherit :user "root"}}'
	call ':p.id'
	like "only root becomes another" "$err" 'only root.*:unavailable'
	policy "{:default {:isolation :inherit :user \"$(id -un)\"}}"
	call ':p.id'
	like "who one is already is fine" "$out" "uid=$(id -u)"
fi
policy '{:default {:isolation :inherit :user "no-such-user"}}'
call ':p.id'
like "an unknown user" "$err" \
    'policy\.rtfs:1.*no user "no-such-user".*unavailable'

# program
policy '{:rules [{:match "process.exec" :program ["cat" "/usr/bin/ec*"]}]}'
call ':process.exec ["echo" "hi"]'
like "a program by pattern" "$out" ':stdout "hi\\n"'
call ':process.exec ["/bin/cat"]'
like "a program by name, under another folder" "$out" ':exit 0'
call ':process.exec ["id"]'
like "a program that is not named" "$err" 'id: not among .*:program.*:denied'
ln -s /bin/cat "$tmp/id"
call ":process.exec [\"$tmp/id\"]"
like "a link to a program is another program" "$err" ':denied'
cp "$(command -v id)" "$tmp/cat"
call ':process.exec ["./cat"]'
like "a file of that name elsewhere" "$err" ':denied'
call ':p.id'
like "programs of manifests are not meant" "$out" 'uid='

# the letters of ulimit, with their units, as the manual has them
if command -v bash >/dev/null; then
	letter() { # LETTER LIMIT VALUE AS-ULIMIT-SAYS
		policy "{:default {:isolation :inherit :limits {:$2 $3}}}"
		run "$RTFS" policy test --capabilities "$here/policy" \
		    --policy policy.rtfs p.pwd -- bash -c "ulimit -S$1"
		is "ulimit -$1 is $2" "$out" "$4"
		like "as rtfs-policy(5) says" "$(grep "^\.It $2 " \
		    "$here/../../src/man/rtfs-policy.5")" "Ta $1( |\$)"
	}
	sanitized || letter v as '"8G"' 8388608
	letter c core 0 0
	letter t cpu '"7s"' 7
	sanitized || letter d data '"64M"' 65536
	letter f fsize '"1M"' 1024
	letter x locks 5 5
	letter l memlock '"8K"' 8
	letter q msgqueue '"4K"' 4096
	letter e nice 0 0
	letter n nofile 40 40
	letter m rss '"1M"' 1024
	letter r rtprio 0 0
	letter R rttime '"3ms"' 3000
	letter i sigpending 9 9
	letter s stack '"4M"' 4096
fi

# totals
all() { # EXPRESSION: $out is its value
	run "$RTFS" eval --capabilities "$here/policy" \
	    --policy "$tmp/policy.rtfs" "$@"
}
# 0 is no way around a ceiling.
policy '{:max {:timeout "1s"}}'
for zero in '"0s"' 0; do
	run "$RTFS" eval --policy "$tmp/policy.rtfs" \
	    "(call :parallel [(assoc (task :time.sleep 1) :timeout $zero)])"
	like "no :timeout of 0: $zero" "$err" ':timeout is above 0'
done
run "$RTFS" eval --timeout 0s 1
like "nor --timeout 0s" "$status $err" '^2 .*above 0'
# Nor is a hard limit that the task may raise itself to.
policy '{:max {:limits {:nofile 40}} :rules [{:match "*" :limits {:nofile 32}}]}'
for asked in 99 '[99 99]' '[10 99]' '[30 41]'; do
	run "$RTFS" eval --policy "$tmp/policy.rtfs" \
	    "(call :parallel {:x (assoc (task :time.now) :limits {:nofile $asked})})"
	like "no :nofile $asked above a ceiling of 40" "$out" \
	    '^[{]:x .error :denied ":nofile (99|41), set by .*, is above the ceiling of 40 at .*policy\.rtfs:1'
done
run "$RTFS" eval --policy "$tmp/policy.rtfs" '(:stdout (:x (call :parallel
    {:x (assoc (task :process.exec ["sh" "-c" "ulimit -Hn"])
	:limits {:nofile [30 40]})})))'
is "but what is within it" "$out$err" '"40\n"'

policy '{:total {:tasks 3}}'
all '(let [r (call :parallel (mapv (fn [i] (task :p.echo (str i))) (range 5)))]
       (mapv (fn [x] (if (error? x) (select-keys (assoc {} :kind (:kind x)
         :limit (:limit (:data x)) :allowed (:allowed (:data x)))
         [:kind :limit :allowed]) x)) r))'
is "tasks beyond the total" "$out" \
    '["0" "1" "2" {:kind :denied :limit :total :allowed 3} {:kind :denied :limit :total :allowed 3}]'
all '(do (call :p.echo "a") (call :p.echo "b") (call :p.echo "c")
       (try (call :p.echo "d") (catch :denied e (:message e))))'
like "they are counted over the whole run" "$out" \
    ':total :tasks 3 \(.*policy.rtfs:1\)'
all '(mapv (fn [i] (str (call :p.echo (str i) ))) [1 2 3])'
is "each run has its own" "$out" '["1" "2" "3"]'
policy '{:total {:wall "1s"}}'
all '(let [r (call :parallel {:a (task :p.echo "x") :b (task :p.sleep "60")
         :c (task (fn [] (loop [i 0] (recur (inc i)))))})]
       [(:a r) (:kind (:b r)) (:limit (:data (:b r))) (:kind (:c r))])'
is "wall-clock time of the run" "$out" '["x" :timeout :total :timeout]'
policy '{:total {:cpu "1s"} :default {:limits {:cpu "20s"}}}'
all -j 2 '(let [spin (fn [] (loop [i 0] (recur (inc i))))
       r (call :parallel [(task spin) (task spin) (task spin)])]
       (mapv (fn [e] [(:kind e) (:limit (:data e))]) r))'
is "CPU time of the run" "$out" \
    '[[:cpu-limit :total] [:cpu-limit :total] [:cpu-limit :total]]'
policy '{:default {:write ["."]} :total {:concurrency 1}}'
all -j 4 '(let [r (call :parallel
         [(task :process.exec ["sh" "-c" "cd '"$tmp"'; echo a >>log; sleep 0.2; echo b >>log"])
          (task :process.exec ["sh" "-c" "cd '"$tmp"'; echo a >>log; sleep 0.2; echo b >>log"])])]
       (map :exit r))'
is "concurrency of the run" "$(tr -d '\n' <log)" abab
rm -f log
# totals of a batch
batch_of() {
	run "$RTFS" batch --policy "$tmp/policy.rtfs" "$@"
}
policy '{:total {:tasks 3}}'
batch_of -j 1 -k echo ::: 1 2 3 4 5
is "batch: jobs within the total" "$(echo "$out" | tr '\n' ' ')" "1 2 3 "
is "batch: and beyond" "$(echo "$err" | grep -c 'denied:.*:total :tasks 3 (.*policy.rtfs:1)')" 2
is "batch: so many have failed" "$status" 2
policy '{}'
batch_of -j 1 -k echo ::: 1 2 3 4 5
is "batch: without a total none has" "$status" 0
policy '{:total {:wall "500ms"}}'
batch_of -j 2 sleep ::: 0 60 61 62
is "batch: wall-clock time" "$(echo "$err" | grep -c 'timeout:.*:total :wall')" 3
policy '{:total {:cpu "500ms"}}'
batch_of -j 2 --shell 'while :; do :; done; {}' ::: 1 2 3
is "batch: CPU time" "$(echo "$err" | grep -c 'cpu-limit:.*:total :cpu')" 3
policy '{:total {:concurrency 1}}'
batch_of -j 3 --shell "mkdir '$tmp/lock' && sleep 0.1 && rmdir '$tmp/lock'; {}" \
    ::: true : true
is "batch: one at a time" "$status$err" 0
policy '{}'
batch_of -j 3 --shell "mkdir '$tmp/lock' && sleep 0.5 && rmdir '$tmp/lock' || exit 1; {}" \
    ::: true : true
ok "batch: without a total they meet" test "$status" -gt 0
done_testing
