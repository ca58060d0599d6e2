#!/bin/sh
# Nothing that a program or a data file contains crashes, hangs or exhausts the
# process that runs it: each of these ends by itself, well within the time.
. "$(dirname "$0")/tap.sh"

cat >"$tmp/lib.rtfs" <<'LIB'
(defn dag [n] (loop [i 0 x []] (if (< i n) (recur (inc i) [x x]) x)))
(defn dagl [n] (loop [i 0 x '()] (if (< i n) (recur (inc i) (list x x)) x)))
(defn dagm [n] (loop [i 0 x {}] (if (< i n) (recur (inc i) {:a x :b x}) x)))
(defn dagk [n] (loop [i 0 x []] (if (< i n) (recur (inc i) {[x 0] 1 [x 1] x}) x)))
(defn nest [n] (loop [i 0 x []] (if (< i n) (recur (inc i) [x]) x)))
(defn nestl [n] (loop [i 0 x '()] (if (< i n) (recur (inc i) (list x)) x)))
(defn nestk [n] (loop [i 0 x {}] (if (< i n) (recur (inc i) {x i}) x)))
(defn big [k v] (assoc (into {} (map (fn [i] [i i]) (range 20))) k v))
(defn down [n] (if (= n 0) 0 (+ 1 (down (dec n)))))
(defn endless [n] (+ 1 (endless (inc n))))
LIB

# go [OPTION...] PROGRAM: under the definitions above
go() {
	program=
	for program; do :; done
	{
		cat "$tmp/lib.rtfs"
		printf '%s\n' "$program"
	} >"$tmp/program.rtfs"
	options=
	while [ $# -gt 1 ]; do
		options="$options $1"
		shift
	done
	# shellcheck disable=SC2086 # options
	run timeout 20 "$RTFS" run $options "$tmp/program.rtfs"
}
gives() { # NAME VALUE [OPTION...] PROGRAM
	name=$1 wanted=$2
	shift 2
	go "$@"
	is "$name" "$status $out" "0 $wanted"
}
stops() { # NAME CLASS [OPTION...] PROGRAM
	name=$1 class=$2
	shift 2
	go "$@"
	like "$name" "$status $(printf '%s' "$err" | head -1)" "^1 .*$class"
}
small="--max-memory 32M"

# Parts shared many times over: as many as memory holds, once each.
gives "equal: shared vectors" true '(= (dag 1000) (dag 1000))'
gives "equal: shared lists" true '(= (dagl 300) (dagl 300))'
gives "equal: shared maps" true '(= (dagm 300) (dagm 300))'
gives "equal: shared map keys" true '(= (dagk 12) (dagk 12))'
gives "not equal: far down" false '(= (dag 300) (assoc (dag 300) 1 (dag 298)))'
gives "compare: shared" 0 '(compare (dag 300) (dag 300))'
gives "sort: shared" 3 '(count (sort [(dag 60) (dag 60) []]))'
gives "hash: shared" 1 '(get (big (dag 300) 1) (dag 300))'
gives "distinct: shared" 1 '(count (distinct [(dag 60) (dag 60)]))'
stops "str: shared" MemoryLimit $small '(count (str (dag 60)))'
stops "pr-str: shared" MemoryLimit $small '(count (pr-str (dagm 60)))'
stops "println: shared" MemoryLimit $small '(println (dag 60))'
stops "json: shared" MemoryLimit $small '(count (serialize-json (dag 60)))'
stops "the program's value: shared" MemoryLimit $small '(dag 60)'
stops "a message: shared" TypeError '(inc (dag 60))'
stops "flatten: shared" StepLimit --max-steps 1000000 '(flatten (dag 60))'
stops "format: shared" MemoryLimit $small '(count (format "%s" (dag 60)))'

# Depth.
n=1000000
gives "equal: a million deep" true "(= (nest $n) (nest $n))"
gives "equal: lists a million deep" true "(= (nestl $n) (nestl $n))"
gives "equal: keys a hundred thousand deep" true "(= (nestk 100000) (nestk 100000))"
gives "compare: a million deep" 0 "(compare (nest $n) (nest $n))"
gives "hash: a million deep" 1 "(get (big (nest $n) 1) (nest $n))"
gives "str: a million deep" 2000002 "(count (str (nest $n)))"
gives "free: a million deep" 1 "(do (nest $n) 1)"
stops "walks pay for their scratch memory" MemoryLimit --max-memory 48M "(= (dagm 1) (compare (nest 400000) (nest 400000)))"
head -c $n /dev/zero | tr '\0' '[' >"$tmp/brackets.rtfs"
run timeout 20 "$RTFS" run "$tmp/brackets.rtfs"
like "read: a million brackets" "$status $err" '^[12] .*(nest|deep|level)'
gives "recursion: a million deep" $n "(down $n)"
stops "recursion without end: memory" MemoryLimit $small '(endless 0)'
stops "recursion without end: depth" StackOverflow --max-depth 10000 '(endless 0)'

# Numbers.
stops "pow" MemoryLimit '(pow 10 (pow 10 10))'
stops "pow, more memory" MemoryLimit --max-memory 16G '(pow 3 1000000000)'
stops "factorial" MemoryLimit --max-memory 16G '(factorial 100000000)'
stops "shift" MemoryLimit --max-memory 16G '(bit-shift-left 1 100000000000)'
stops "squares without end" MemoryLimit --max-memory 16G '(loop [x 3] (recur (* x x)))'
stops "squares are charged" StepLimit --max-steps 100000 '(loop [x 3] (recur (* x x)))'
gives "a million digits" 954243 '(count (str (pow 9 1000000)))'

# Sizes.
stops "range" MemoryLimit $small '(count (range 1000000000000))'
stops "repeat" MemoryLimit $small '(count (repeat 1000000000000 1))'
stops "join" MemoryLimit $small '(count (join "" (repeat 100000 (join "" (repeat 100000 "x")))))'
stops "str grows" MemoryLimit $small '(loop [s "x"] (recur (str s s)))'
stops "concat grows" MemoryLimit $small '(loop [s [1]] (recur (vec (concat s s))))'
stops "conj grows" MemoryLimit $small '(loop [s []] (recur (conj s 1)))'
stops "keywords" MemoryLimit $small '(loop [i 0] (do (keyword (str "k" i)) (recur (inc i))))'
stops "format width" InvalidArgument '(format "%1000000000d" 1)'

# Regular expressions.
text='(join "" (concat (repeat 5000 "a") ["b"]))'
stops "regex: backtracking" RegexLimit "(re-find \"(a+)+\$\" $text)"
stops "regex: alternatives" RegexLimit "(re-find \"(a|aa)+\$\" $text)"
stops "regex: all matches" RegexLimit "(count (re-seq \"(a+)+\$\" $text))"
stops "regex: charged" StepLimit --max-steps 10000 "(re-find \"(a+)+\$\" $text)"

# Long work is charged and can be stopped.
stops "equal is charged" StepLimit --max-steps 100000 \
    '(let [a (vec (range 100000)) b (vec (range 100000))] (loop [] (if (= a b) (recur) 0)))'
if sanitized; then
	skip "memory: within the address space around it" \
	    "AddressSanitizer maps more than that"
else
	go --max-memory 64M '(loop [s []] (recur (conj s [1])))'
	run timeout 20 /usr/bin/env sh -c "ulimit -v 400000; exec \"\$0\" run --max-memory 64M \"$tmp/program.rtfs\"" "$RTFS"
	like "memory: within the address space around it" "$status $err" '^1 .*MemoryLimit'
fi

# Compiling is paid for, too, and no size of a program makes it slow.
awk 'BEGIN {
	printf "(let ["
	for (i = 0; i < 4000; i++)
		printf "f%d (fn [x] (f%d x)) ", i, (i + 1) % 4000
	print "] 1)"
}' >"$tmp/program.rtfs"
run timeout 20 "$RTFS" run --max-memory 32M "$tmp/program.rtfs"
is "compile: four thousand functions that know each other" "$status $out" "0 1"
run timeout 20 "$RTFS" run --max-memory 3M "$tmp/program.rtfs"
like "compile: over the budget" "$status $err" \
    '^1 .*MemoryLimit: the program does not fit: compiling used 3[0-9]* of 3M'
awk 'BEGIN { for (i = 0; i < 20000; i++) printf "(fn [] lost%d) ", i }' \
    >"$tmp/program.rtfs"
run timeout 20 "$RTFS" check "$tmp/program.rtfs"
is "check: twenty thousand errors in one line" \
    "$status $(printf '%s\n' "$err" | grep -c UndefinedSymbol)" "1 20000"

# Many names: what each costs does not grow with their number.
rows() { # TEXT: 40,000 of it, with I, I's successor J and its mirror image K
	awk -v text="$1" 'BEGIN {
		for (i = 0; i < 40000; i++) {
			row = text
			gsub(/I/, i, row)
			gsub(/J/, (i + 1) % 40000, row)
			gsub(/K/, 39999 - i, row)
			print row
		}
	}'
}
gives "many names: functions that call one another" 5 \
    "(defn f [] $(rows '(defn gI [n] (if (= n 0) I (gJ (- n 1))))') (g0 5)) (f)"
gives "many names: functions of one let" 3 \
    "(let [$(rows 'gI (fn [n] (if (= n 0) I (gJ (- n 1))))')] (g0 3))"
gives "many names: top level" 5 \
    "$(rows '(defn gI [n] (if (= n 0) I (gJ (- n 1))))') (g0 5)"
gives "many names: locals used in a loop" 2 \
    "(let [$(rows 'xI (+ 1 I)')]
      (loop [j 0] (if (< j 2) (do $(rows '(+ xI xK)') (recur (inc j))) j)))"
gives "many names: variables of a loop" 3 \
    "(loop [$(rows 'xI 0' | head -n 20000)]
      (if (< x0 3) (recur $(rows '(+ xI 1)' | head -n 20000)) x0))"
gives "many names: captured" 199990000 \
    "(let [$(rows 'xI (+ 0 I)' | head -n 20000)]
      ((fn [] ((fn [] (+ $(rows xI | head -n 20000)))))))"
gives "many names: local definitions" 39999 \
    "(defn f [] $(rows '(def xI I)') x39999) (f)"

# The same steps in every run, whatever the seed of hashes and the addresses.
first='' same=yes
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	go --max-steps 150000 '(loop [i 0 m {}]
	    (println (count m))
	    (recur (inc i) (assoc m [(str i) (dag 40)] {i [i (= (dag 30) (dag 30))]})))'
	[ -n "$first" ] || first="$status $out"
	[ "$first" = "$status $out" ] || same="no: run $i"
done
is "steps: twenty runs stop at the same place" "$same" yes
done_testing
