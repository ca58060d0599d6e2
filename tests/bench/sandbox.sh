#!/bin/sh
# sandbox.sh TMP: what containment costs, as ratios of interleaved rounds.  As
# root (the loop beside us makes its namespaces without a user namespace).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tmp=$1
rounds=${ROUNDS:-5}
cc -O2 -o "$tmp/loop" "$here/guard_loop.c"
cc -O2 -shared -fPIC -I "$here/../../workers" -o "$tmp/libwords.so" \
    "$here/../../contrib/examples/plugin/words.c"
cat >"$tmp/capabilities.rtfs" <<'CAPABILITIES'
(capability :b.true :exec ["true"] :codec :argv)
(capability :words.count :plugin "./libwords.so")
CAPABILITIES
# Tasks per second of one worker, after a first batch has made its slot.
cat >"$tmp/rate.rtfs" <<'RTFS'
(defn batch [n] (call :parallel (mapv (fn [_] (if (= (first args) "exec")
    (task :b.true) (task :words.count "a b"))) (range n))))
(batch 3)
(def n 400)
(def begin (call :time.monotonic))
(def results (batch n))
(def end (call :time.monotonic))
(assert (= 0 (count (filter error? results))))
(/ (* n 1000.0) (- end begin))
RTFS
# Milliseconds of one call, the median of 101 at each level, in turn and one
# after the other in one supervisor.
cat >"$tmp/call.rtfs" <<'RTFS'
(def work (if (= (first args) "exec") (task :b.true) (task :words.count "a b")))
(defn once [level] (let [begin (call :time.monotonic)
    r (call :parallel {:t (assoc work :isolation level)})]
  (assert (nil? (:error r)))
  (- (call :time.monotonic) begin)))
(mapv (fn [_] (once :inherit) (once :sandboxed)) (range 5))
(def both (mapv (fn [_] [(once :inherit) (once :sandboxed)]) (range 101)))
(println (first args) "inherit" (nth (sort (mapv first both)) 50))
(println (first args) "sandboxed" (nth (sort (mapv second both)) 50))
RTFS
# Milliseconds that a profile costs once: the first task of it less the second,
# the median and the worst of 40.  Each capability sees a file of its own.
for i in $(seq 41); do
	: >"$tmp/file$i"
	echo "(capability :b.p$i :exec [\"true\"] :codec :argv :files [\"file$i\"])"
done >>"$tmp/capabilities.rtfs"
cat >"$tmp/profile.rtfs" <<'RTFS'
(defn once [id] (let [begin (call :time.monotonic)
    r (call :parallel {:t (task id)})]
  (assert (nil? (:error r)))
  (- (call :time.monotonic) begin)))
(def ids (mapv (fn [i] (keyword (str "b.p" (inc i)))) (range 41)))
(once (first ids))
(def more (sort (mapv (fn [id] (let [a (once id) b (once id)] (- a b)))
    (rest ids))))
(println "profile" (nth more 20))
(println "profile-worst" (last more))
RTFS
rtfs() { # LEVEL PROGRAM ARG
	"$RTFS" run -j 1 --isolation "$1" --capabilities "$tmp" "$2" -- "$3"
}
per_second() { # COMMAND...: launches of /bin/true a second, from a shell loop
	begin=$(date +%s%N)
	i=0
	while [ $i -lt 30 ]; do
		"$@" /bin/true >/dev/null 2>&1 || return 1
		i=$((i + 1))
	done
	end=$(date +%s%N)
	echo $((30000000000 / (end - begin)))
}
first() { # LEVEL: milliseconds from start to exit with one program
	begin=$(date +%s%N)
	"$RTFS" eval -j 1 -o none --isolation "$1" --capabilities "$tmp" \
	    '(call :b.true)'
	end=$(date +%s%N)
	echo $(((end - begin) / 10000)) | sed 's/..$/.&/'
}
for _ in $(seq "$rounds"); do
	echo "exec-raw $("$tmp/loop" 400 alone /bin/true)"
	echo "exec-rtfs $(rtfs sandboxed "$tmp/rate.rtfs" exec)"
	echo "fork-raw $("$tmp/loop" 400 alone)"
	echo "fork-rtfs $(rtfs sandboxed "$tmp/rate.rtfs" plugin)"
	if command -v bwrap >/dev/null; then
		echo "bwrap $(per_second bwrap --unshare-all --ro-bind /usr \
		    /usr --symlink usr/bin /bin --symlink usr/lib /lib \
		    --symlink usr/lib64 /lib64 --proc /proc --dev /dev \
		    --tmpfs /tmp --die-with-parent --new-session)"
	fi
	if command -v firejail >/dev/null; then
		echo "firejail $(per_second firejail --quiet --noprofile \
		    --private-dev --private-tmp --net=none --seccomp \
		    --caps.drop=all)"
	fi
	for kind in exec plugin; do
		"$RTFS" run -j 1 -o none --isolation inherit --capabilities \
		    "$tmp" "$tmp/call.rtfs" -- $kind |
		    sed 's/^/call-/; s/ \([is]\)/-\1/'
	done
	"$RTFS" run -j 1 -o none --isolation sandboxed --capabilities "$tmp" \
	    "$tmp/profile.rtfs"
	echo "first-inherit $(first inherit)"
	echo "first-sandboxed $(first sandboxed)"
done | awk '
    { v[$1, ++n[$1]] = $2 + 0 }
    function spread(k,   i, low, high) {
	low = high = v[k, 1]
	for (i = 2; i <= n[k]; i++) {
		if (v[k, i] < low)
			low = v[k, i]
		if (v[k, i] > high)
			high = v[k, i]
	}
	return sprintf("%.2f to %.2f", low, high)
    }
    function median(k,   i, j, t) {
	for (i = 1; i <= n[k]; i++)
		for (j = i + 1; j <= n[k]; j++)
			if (v[k, j] < v[k, i]) {
				t = v[k, i]; v[k, i] = v[k, j]; v[k, j] = t
			}
	return v[k, int((n[k] + 1) / 2)]
    }
    function row(what, a, b, unit, target) {
	if (n[a] == 0 || n[b] == 0 || median(b) == 0)
		printf "%-44s skipped: %s or %s is not here\n", what, a, b
	else
		printf "%-44s %9.2f of %9.2f %s: %5.2fx (target: %s); " \
		    "%s of %s\n", what, median(a), median(b), unit,
		    median(a) / median(b), target, spread(a), spread(b)
    }
    END {
	row("sandboxed programs, of a raw loop", "exec-rtfs", "exec-raw",
	    "/s", "at least 0.8x")
	row("plug-ins (loaded each time), of raw forks", "fork-rtfs",
	    "fork-raw", "/s", "at least 0.8x")
	row("sandboxed programs, of bubblewrap", "exec-rtfs", "bwrap", "/s",
	    "at least 5x")
	row("sandboxed programs, of firejail", "exec-rtfs", "firejail", "/s",
	    "at least 5x")
	row("one program, of :inherit", "call-exec-sandboxed",
	    "call-exec-inherit", "ms", "at most 1.5x")
	row("one plug-in call, of :inherit", "call-plugin-sandboxed",
	    "call-plugin-inherit", "ms", "at most 1.5x")
	printf "%-44s %9.2f ms, rounds %s (target: at most 50 ms)\n",
	    "setting up a profile, median", median("profile"),
	    spread("profile")
	printf "%-44s %9.2f ms, rounds %s\n", "the worst of 40",
	    median("profile-worst"), spread("profile-worst")
	row("start to exit, of :inherit", "first-sandboxed", "first-inherit",
	    "ms", "at most 50 ms more")
    }'
