#!/bin/sh
# What rtfs run says about an error that nothing caught: class, place with
# excerpt, the call stack by name, and where a task's error came from.
. "$(dirname "$0")/tap.sh"
cd "$tmp" || exit 99

program() { # reads the program, runs it
	cat >p.rtfs
	run "$RTFS" run p.rtfs
}

program <<'RTFS'
(defn inner [x]
  (+ 1 (/ x 0)))
(defn outer [x]
  (* 2 (inner x)))
(def r (+ 1 (outer 5)))
RTFS
is "nested functions" "$status
$err" '1
p.rtfs:2:8: DivisionByZero: /: division by zero
    2 |   (+ 1 (/ x 0)))
      |        ^
  in inner (p.rtfs:2:8)
  in outer (p.rtfs:4:8)
  in top level (p.rtfs:5:13)'

program <<'RTFS'
(defn adder [n]
  (fn [x] (+ x n)))
(def add (adder "1"))
(str (add 5))
RTFS
like "a closure: the place" "$err" '^p.rtfs:2:11: TypeError: \+: '
like "a closure: its frame" "$err" '^  in .*\(p.rtfs:2:11\)$'
like "a closure: its caller" "$err" '^  in top level \(p.rtfs:4:6\)$'

program <<'RTFS'
(defn half [x]
  (quot 10 x))
(def rs (map half [1 2 0]))
RTFS
is "a function given to a core function" "$err" \
    'p.rtfs:2:3: DivisionByZero: quot: division by zero
    2 |   (quot 10 x))
      |   ^
  in half (p.rtfs:2:3)
  in map (core)
  in top level (p.rtfs:3:9)'

program <<'RTFS'
(def rs
  (sort-by :age > [{:age 1} {:age "x"}]))
RTFS
like "a core function's own error has the program's place" "$err" \
    '^p.rtfs:2:3: TypeError: '

program <<'RTFS'
(defmacro ratio [a b] `(/ ~a ~b))
(defn f [x]
  (inc (ratio 1 x)))
(inc (f 0))
RTFS
like "a macro: the place is its call" "$err" '^p.rtfs:3:8: DivisionByZero: '
like "a macro: the excerpt" "$err" '^    3 \|   \(inc \(ratio 1 x\)\)\)$'

program <<'RTFS'
(defn last-one [x] (nth x 9))
(defn middle [x] (last-one x))
(defn first-one [x] (middle x))
(str (first-one [1]))
RTFS
like "tail calls: the place" "$err" '^p.rtfs:1:20: IndexOutOfBounds: '
like "tail calls: the function that failed" "$err" \
    '^  in last-one \(p.rtfs:1:20\)$'
unlike "tail calls: gone from the stack" "$err" 'in middle'
like "tail calls: and that is said" "$err" 'tail call'

program <<'RTFS'
(defn f [v]
  (mapv inc v))
(f [1 nil])
RTFS
is "a core function at the end: its caller is still there" "$err" \
    'p.rtfs:2:3: TypeError: inc: expected a number, got nil
    2 |   (mapv inc v))
      |   ^
  in mapv (core)
  in f (p.rtfs:2:3)
  ... 1 tail call'

program <<'RTFS'
(defn f [v]
  (update-in v [1 0] inc))
(f [1 [nil]])
RTFS
is "update and update-in are at the place of their call" "$err" \
    'p.rtfs:2:3: TypeError: inc: expected a number, got nil
    2 |   (update-in v [1 0] inc))
      |   ^
  in f (p.rtfs:2:3)
  ... 1 tail call'

program <<'RTFS'
(defn down [n] (if (= n 0) (throw (error :at-end "end")) (inc (down (dec n)))))
(down 1000)
RTFS
like "deep recursion: the class" "$err" '^p.rtfs:1:28: ApplicationError: end \(:at-end\)$'
like "deep recursion: equal frames are one line" "$err" \
    '^  in down \(p.rtfs:1:63\), 63 times$'
like "deep recursion: and the rest is counted" "$err" '^  \.\.\. 937 more$'

program <<'RTFS'
(defn work [x]
  (if (> x 1)
    (/ x 0)
    x))
(defn job [x] (inc (work x)))
(def r (call :parallel {:a (task job 1) :b (task job 2)}))
(throw (:b r))
RTFS
like "a function task: the class" "$err" ': DivisionByZero: /: division by zero$'
like "a function task: its key, and the place in its code" "$err" \
    '^  task :b, capability :rtfs.fn, at "p.rtfs:3:5", '

program <<'RTFS'
(call (fn [x] (inc x)) "a")
RTFS
like "a call of a function: the class" "$err" ': TypeError: inc: '
like "a call of a function: the place in its code" "$err" 'at "p.rtfs:1:15"'

program <<'RTFS'
(def r (call :parallel {:x (task :fs.read "/none/here")}))
(throw (:x r))
RTFS
like "a capability: its class" "$err" '^p.rtfs:2:1: HostError: '
like "a capability: key and name" "$err" 'task :x.*fs\.read'

program <<'RTFS'
(def x 1)
(throw {:code 5})
RTFS
like "a thrown value that is no error" "$err" '^p.rtfs:2:1: .*\{:code 5\}'

program <<'RTFS'
(defn f [x : :int] x)
(def y (f "a"))
RTFS
like "a type: class, name, what was expected and got" "$err" \
    '^p.rtfs:[12]:[0-9]+: TypeValidationError: x: expected .*int.*"a"'

program <<'RTFS'
(def s "ok")
(str s (foo s))
RTFS
like "an undefined name: its own place" "$err" \
    '^p.rtfs:2:9: UndefinedSymbol: foo is not defined'

program <<'RTFS'
(def ä "ä") (str "öü" (/ 1 0))
RTFS
is "columns and carets count characters" \
    "$(printf '%s\n' "$err" | sed -n 1,3p)" \
    'p.rtfs:1:23: DivisionByZero: /: division by zero
    1 | (def ä "ä") (str "öü" (/ 1 0))
      |                       ^'

# The name of a file moves no cursor and begins no line.
odd=$(printf 'x\033[31m\nrtfs: forged.rtfs')
printf '(+ 1' >"$tmp/$odd"
run "$RTFS" run "$tmp/$odd"
is "an odd name" "$(printf '%s\n' "$err" | head -n 1)" \
    "$tmp/x\\u001B[31m\\nrtfs: forged.rtfs:1:1: ParseError: this \"(\" is never closed with \")\""
done_testing
