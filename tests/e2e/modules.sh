#!/bin/sh
# Modules: where they are looked for, what they give, what is said when they
# are missing, broken or import one another; in run, check, repl and workers.
. "$(dirname "$0")/tap.sh"

mkdir -p "$tmp/app/geometry" "$tmp/lib" "$tmp/more"
cd "$tmp" || exit 99

cat >app/geometry/shapes.rtfs <<'X'
(module geometry.shapes (:exports [area unless-zero counter]))
(println "shapes loaded")
(def factor 2)
(defn scaled [x] (* factor x))
(defn area [w h] (* (scaled w) h))
(defn counter [n] (fn [x] (+ n (scaled x))))
(defmacro unless-zero [x e] `(if (= ~x 0) 0 ~e))
X
cat >app/top.rtfs <<'X'
(import geometry.shapes :as g)
(import geometry/shapes)
(defn twice [w] (* 2 (g/area w 1)))
X
cat >app/main.rtfs <<'X'
(import top)
(import geometry.shapes :as s)
(println "main")
[(top/twice 3) (s/area 2 3) (s/unless-zero 0 (/ 1 0)) ((s/counter 1) 4)]
X
run "$RTFS" run app/main.rtfs
is "functions, macros, closures; a file runs once, before its importer" \
    "$out$err" 'shapes loaded
main
[12 12 0 9]'
run "$RTFS" check app/main.rtfs
is "check follows imports and finds nothing" "$status$out$err" 0
is "names with :only" "$(cd app && "$RTFS" eval -o text \
    '(import geometry.shapes :only [area unless-zero])
     [(area 1 1) (unless-zero 0 x)]')" 'shapes loaded
[2 0]'
is "a function of a module in a worker" "$(cd app && "$RTFS" eval -j 1 \
    '(import geometry.shapes :as g)
     (let [r (call :parallel {:a (task g/area 2 5)
                              :b (task (g/counter 3) 4)
                              :c (task (fn [x] (g/area x x)) 3)})]
       [(:a r) (:b r) (:c r)])')" \
    'shapes loaded
[20 11 18]'

# What is not there.
run "$RTFS" eval '(import geometry.shapes :as g) 1'
is "the program's folder, not any" "$status" 1
like "not found" "$err" \
    '^<eval>:1:1: ModuleNotFound: no module in geometry/shapes.rtfs$'
RTFS_PATH=$tmp/lib::$tmp/app/
export RTFS_PATH
run "$RTFS" eval '(import geometry.shapes :as g) (g/area 1 2)'
is "RTFS_PATH" "$out" 'shapes loaded
4'
run "$RTFS" eval '(import nowhere)'
like "every place is named" "$err" \
    "no module in nowhere.rtfs, $tmp/lib/nowhere.rtfs, $tmp/app/nowhere.rtfs"
unset RTFS_PATH
cat >app/private.rtfs <<'X'
(import geometry.shapes :as g)
(println "runs")
[(try (g/scaled 1) (catch UndefinedSymbol e :private))
 (try (g/nothing 1) (catch UndefinedSymbol e :nothing))
 (try (g/map inc []) (catch UndefinedSymbol e :core))]
X
run "$RTFS" run app/private.rtfs
is "private and unknown names are undefined" "$out" 'shapes loaded
runs
[:private :nothing :core]'
run "$RTFS" check app/private.rtfs
like "check says which" "$err" 'UndefinedSymbol: g/scaled is not exported'
like "and which" "$err" 'UndefinedSymbol: g/nothing is not exported'
run "$RTFS" eval '(try (import a) (catch _ e 1))'
like "only at top level" "$err" 'ParseError: import stands only at top level'

# Broken modules: nothing runs, the place is the module's.
printf '(def x 1)\n(let [y] y)\n' >app/broken.rtfs
printf '(import broken)\n' >app/via.rtfs
printf '(println "never")\n(import via)\n' >app/uses.rtfs
run "$RTFS" run app/uses.rtfs
is "nothing runs" "$status$out" 1
like "file, line, column and the way there" "$err" \
    '^app/broken.rtfs:2:1: ParseError: .*; imported at app/via.rtfs:1; '
like "with the line" "$err" '\(let \[y\] y\)'
run "$RTFS" check app/uses.rtfs
is "check fails, too" "$status" 1
like "and names the module's place" "$err" '^app/broken.rtfs:2:1: ParseError'
printf '(+ 1' >app/unfinished.rtfs
printf '(import unfinished)\n' >app/uses.rtfs
run "$RTFS" run app/uses.rtfs
like "a syntax error" "$err" '^app/unfinished.rtfs:1:1: ParseError'
run "$RTFS" check app/uses.rtfs
like "in check" "$err" '^app/unfinished.rtfs:1:1: ParseError'
printf '(module m (:exports [gone]))\n(def x 1)\n' >app/m.rtfs
printf '(import m)\n' >app/uses.rtfs
run "$RTFS" run app/uses.rtfs
like "exported, not defined" "$err" '^app/m.rtfs:1:1: ParseError: .*gone'
printf '(defn f [x] (/ x 0))\n(def never (f 1))\n' >app/m.rtfs
run "$RTFS" run app/uses.rtfs
like "an error while it runs" "$err" '^app/m.rtfs:1:13: DivisionByZero'
mkdir app/folder.rtfs
printf '(import folder)\n' >app/uses.rtfs
run "$RTFS" run app/uses.rtfs
like "no file" "$err" 'ModuleError: app/folder.rtfs: not a regular file'
printf '(def s "\377")\n' >app/bytes.rtfs
printf '(import bytes)\n' >app/uses.rtfs
run "$RTFS" run app/uses.rtfs
like "no UTF-8" "$err" '^app/bytes.rtfs:1:[0-9]+: ParseError: .*UTF-8'
run "$RTFS" eval '(import ../app/top)'
is "no way out of the folder" "$status" 1

# Cycles.
printf '(import b)\n' >app/a.rtfs
printf '(import c)\n' >app/b.rtfs
printf '(import b)\n' >app/c.rtfs
run "$RTFS" run app/a.rtfs
is "a cycle" "$status" 1
like "its chain" "$err" \
    '^app/c.rtfs:1:1: ModuleError: modules import one another: b -> c -> b'
run "$RTFS" check app/a.rtfs
like "check sees it" "$err" 'ModuleError: .*b -> c -> b'
printf '(import self)\n' >app/self.rtfs
run "$RTFS" run app/self.rtfs
like "itself" "$err" 'one another: self -> self'

# Names.
cat >app/clash.rtfs <<'X'
(import geometry.shapes :only [area])
(defn area [x] x)
X
run "$RTFS" run app/clash.rtfs
like "an imported name is not redefined" "$err" \
    '2:1: ParseError: area is imported with :only'
printf '(import geometry.shapes :as g)\n(g/area 1)\n' >app/count.rtfs
run "$RTFS" check app/count.rtfs
like "check counts arguments of a module's function" "$err" \
    '^app/count.rtfs:2:1: ArityMismatch: g/area: expected 2 arguments, got 1'
printf '(defn map [f x] [:mine x])\n' >app/own.rtfs
is "a core name of its own" "$(cd app && "$RTFS" eval \
    '(import own) [(own/map inc 1) (map inc [1])]')" '[[:mine 1] [2]]'

# The repl: a module that failed is read again.
printf '(def v (/ 1 0))\n' >app/late.rtfs
printf '(import late)\n(println "next")\n' >in1
cat >in2 <<'X'
(import late :as l)
l/v
(import geometry.shapes :as g)
(g/area 3 3)
X
is "repl" "$(cd app && { cat ../in1
    sleep 1
    printf '(def v 5)\n' >late.rtfs
    cat ../in2; } | "$RTFS" repl 2>/dev/null | grep -v '^nil$')" 'next
5
shapes loaded
18'
done_testing
