#!/bin/sh
# tasks.sh TMP PYTHON: tasks per second, ours and multiprocessing's, five
# interleaved runs.  Ours times a :parallel inside one program, start-up of
# the workers included on both sides.
set -eu
cat >"$1/tasks.rtfs" <<'EOF'
(def n 10000)
(def work (mapv (fn [i] (task :text.upper "abc")) (range n)))
(def begin (call :time.monotonic))
(def results (call :parallel work))
(def end (call :time.monotonic))
(assert (= (count (filter (fn [r] (= r "ABC")) results)) n))
(- end begin)
EOF
cat >"$1/tasks.py" <<'EOF'
import multiprocessing, time
def upper(s): return s.upper()
if __name__ == "__main__":
    n = 10000
    with multiprocessing.Pool(2) as pool:
        pool.apply(upper, ("abc",))
        begin = time.monotonic()
        rs = [pool.apply_async(upper, ("abc",)) for _ in range(n)]
        assert all(r.get() == "ABC" for r in rs)
        print((time.monotonic() - begin) * 1000)
EOF
for _ in 1 2 3 4 5; do
	printf 'ours %s\n' "$("$RTFS" run -j 2 "$1/tasks.rtfs")"
	printf 'pool %s\n' "$("$2" "$1/tasks.py")"
done | awk '
    { v[$1, ++n[$1]] = $2 }
    function median(k,   i, j, t) {
	for (i = 1; i <= n[k]; i++)
		for (j = i + 1; j <= n[k]; j++)
			if (v[k, j] < v[k, i]) {
				t = v[k, i]; v[k, i] = v[k, j]; v[k, j] = t
			}
	return v[k, int((n[k] + 1) / 2)]
    }
    END {
	a = median("ours"); b = median("pool")
	printf "rtfs %.0f tasks/s, multiprocessing.Pool.apply_async " \
	    "%.0f tasks/s: %.1fx\n", 1e7 / a, 1e7 / b, b / a
    }'
