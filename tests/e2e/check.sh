#!/bin/sh
# rtfs check: every error of a file, each at its place, before anything runs.
. "$(dirname "$0")/tap.sh"
cd "$tmp" || exit 99

# What was found, one "LINE:COLUMN CLASS" a line.
places() {
	printf '%s\n' "$err" |
	    sed -n 's/^p\.rtfs:\([0-9]*:[0-9]*\): \([A-Za-z]*\): .*/\1 \2/p'
}

checked() { # reads the program
	cat >p.rtfs
	run "$RTFS" check p.rtfs
}

checked <<'RTFS'
(defn f [x] (if (> x 0) (g (dec x)) x))
(defn g [x : :int] :int (f x))
(println (f 5) args)
RTFS
is "nothing is wrong: silence" "$status$out$err" 0

checked <<'RTFS'
(defn area [w h] (* w h))
(area 3)
(lenght "abc")
RTFS
is "place, excerpt, caret, what was meant" "$status
$err" '1
p.rtfs:2:1: ArityMismatch: area: expected 2 arguments, got 1
    2 | (area 3)
      | ^
p.rtfs:3:2: UndefinedSymbol: lenght is not defined; did you mean length?
    3 | (lenght "abc")
      |  ^'
is "nothing has run" "$out" ""

checked <<'RTFS'
(inc 1))
(def a {:x 1 :y})
(str "\q")
(defn open [x]
  (inc x)
(defn two-bad [x] (+ x 12ab 1.))
(two-bad 1 2)
(def b {:k 1 :k 2})
(open 1)
(undefined-one)
RTFS
is "after a syntax error the rest is checked, too" "$(places)" \
'1:8 ParseError
2:14 ParseError
3:7 ParseError
4:1 ParseError
6:24 ParseError
6:29 ParseError
7:1 ArityMismatch
8:14 ParseError
10:2 UndefinedSymbol'

checked <<'RTFS'
(let [x] 1)
(if 1 2 3 4)
(recur 1)
(loop [i 0] (recur))
(match 1 2)
(try 1)
(cond 1)
(fn [a & ] 1)
(def if 1)
RTFS
is "shapes of special forms" "$(places | wc -l)" 9
like "with their usage" "$err" 'usage: \(if TEST THEN ELSE\?\)'

checked <<'RTFS'
(map inc)
((fn [x] x))
(let [g (fn [x & more] x)] (g))
(defn self [x] (if x (self) 1))
(defn outer [] (defn in [a] a) (in))
(reduce + 0 [1] 2)
(some? odd? [1])
(juxt)
RTFS
is "argument counts: core, program's, local functions" "$(places)" \
'1:1 ArityMismatch
2:1 ArityMismatch
3:28 ArityMismatch
4:22 ArityMismatch
5:32 ArityMismatch
6:1 ArityMismatch'

checked <<'RTFS'
(let [a :strng "x"] a)
(defn f [x : Strin] x)
(def n :int "no")
(let [v : [:vector :int] [1 "2"]] v)
(f 1)
RTFS
is "types: unknown names, values that cannot fit" "$(places)" \
'1:9 ParseError
2:14 ParseError
3:13 TypeValidationError
4:26 TypeValidationError'
like "the type that was meant" "$err" 'did you mean :string\?'

checked <<'RTFS'
(defmacro m [a b] `(+ ~a ~b))
(m 1)
^{:timeot "2s"} (task :io.x 1)
^{:timeout "2x"} (call :io.x 1)
(try 1 (catch DivisonByZero e 1))
RTFS
is "macros, task options, selectors" "$(places)" \
'2:1 ParseError
3:17 ParseError
4:18 ParseError
5:8 ParseError'

printf '(inc\n' >q.rtfs
printf '(inc "a" 2)\n' >p.rtfs
run "$RTFS" check p.rtfs q.rtfs
is "several files, status" "$status" 1
is "several files, each its own" \
    "$(printf '%s\n' "$err" | grep -c '^[pq].rtfs:1:1: ')" 2

run "$RTFS" check --json p.rtfs q.rtfs
is "--json: one object a line" "$status
$out" '1
{"file":"p.rtfs","line":1,"column":1,"level":"error","class":"ArityMismatch","message":"inc: expected 1 argument, got 2"}
{"file":"q.rtfs","line":1,"column":1,"level":"error","class":"ParseError","message":"this \"(\" is never closed with \")\""}'
run "$RTFS" eval --allow-read . \
    "(map (fn [l] (get (parse-json l) \"line\")) (split-lines $(
	"$RTFS" check --json p.rtfs | sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$/"/')))"
is "--json reads as JSON" "$out" "[1]"

run "$RTFS" check none.rtfs
is "no such file" "$status" 2
printf '(foo 1)' | "$RTFS" check - >/dev/null 2>p.err
is "standard input" "$?$(head -n 1 p.err)" \
    '1-:1:2: UndefinedSymbol: foo is not defined; did you mean for?'

# However a text is damaged, the checker ends and says where.
printf '(defn f [x]\n  (str "a" {:b [x 1.5]}))\n(f 1)\n' >whole.rtfs
bad=0
for i in $(seq 1 40); do
	head -c "$i" whole.rtfs >p.rtfs
	timeout 10 "$RTFS" check p.rtfs >/dev/null 2>p.err
	[ $? -le 1 ] || bad=$((bad + 1))
done
is "cut anywhere" "$bad" 0
done_testing
