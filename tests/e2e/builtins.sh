#!/bin/sh
# Built-in capabilities in their workers: known answers, ranges, round trips.
. "$(dirname "$0")/tap.sh"

mkdir "$tmp/w"
cd "$tmp/w" || exit 99

# Each line: a call, "=> ", its value.  One run for all of a table.
table() { # OPTION...: lines on stdin
	sed '/^$/d' >"$tmp/table"
	{
		sed 's/^\(.*\) => .*$/(println (pr-str (try \1 (catch Error e (:kind e)))))/' \
		    "$tmp/table"
	} >"$tmp/table.rtfs"
	run "$RTFS" run -o none "$@" "$tmp/table.rtfs"
	is "it ran" "$err" ''
	printf '%s\n' "$out" >"$tmp/got"
	while read -r line <&3 && read -r got <&4; do
		is "${line%% => *}" "$got" "${line##* => }"
	done 3<"$tmp/table" 4<"$tmp/got"
	is "all of them" "$(wc -l <"$tmp/got")" "$(wc -l <"$tmp/table")"
}

# FIPS 180-4, RFC 1321, RFC 2202, RFC 4231.
table <<'TABLE'
(call :crypto.hash "md5" "abc") => "900150983cd24fb0d6963f7d28e17f72"
(call :crypto.hash "sha1" "abc") => "a9993e364706816aba3e25717850c26c9cd0d89d"
(call :crypto.hash :sha256 "abc") => "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
(call :crypto.hash :sha384 "abc") => "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
(call :crypto.hash :sha512 "abc") => "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
(call :crypto.hash "sha256" "") => "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
(call :crypto.hash "sha256" (apply str (repeat 1000000 "a"))) => "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
(call :crypto.hash "sha3" "abc") => :invalid-arguments
(call :crypto.hmac "md5" "Jefe" "what do ya want for nothing?") => "750c783e6ab0b503eaa86e310a5db738"
(call :crypto.hmac "sha1" "Jefe" "what do ya want for nothing?") => "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
(call :crypto.hmac :sha256 "Jefe" "what do ya want for nothing?") => "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
(call :crypto.hmac :sha512 "Jefe" "what do ya want for nothing?") => "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
(call :crypto.hmac :sha256 (apply str (repeat 200 "k")) "x") => "a34abd1b081e75091b5f15447fb45ea6a1a7d624c190b880750d5d0f52ca715e"

(call :time.sleep 0) => nil
(let [a (call :time.now) b (call :time.now)] (<= 1700000000000 a b)) => true
(let [a (call :time.monotonic) b (call :time.monotonic)] (and (float? a) (<= a b))) => true
(<= (* 1000 (call :time.unix-timestamp)) (call :time.now)) => true
(re-matches "20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\\.[0-9]{3}Z" "x") => nil
(string? (re-matches "20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\\.[0-9]{3}Z" (call :time.now-iso))) => true
(let [a (call :time.monotonic)] (call :time.sleep 30) (<= 30 (- (call :time.monotonic) a))) => true

(call :random.int 7 7) => 7
(call :random.int 8 7) => :invalid-arguments
(every? (fn [x] (<= -3 x 3)) (call :parallel (map (fn [_] (task :random.int -3 3)) (range 200)))) => true
(count (distinct (call :parallel (map (fn [_] (task :random.integer 1 3)) (range 200))))) => 3
(every? (fn [x] (and (float? x) (<= 0.0 x) (< x 1.0))) (call :parallel (map (fn [_] (task :random.float)) (range 50)))) => true
(count (distinct (call :parallel (map (fn [_] (task :random.uuid)) (range 50))))) => 50
(string? (re-matches "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}" (call :random.uuid))) => true
(map (fn [n] (count (call :random.bytes n))) [0 1 3 4 30]) => [0 4 4 8 40]
(call :random.bytes -1) => :invalid-arguments

(call :json.parse "{\"a\":[1,2.5,null,true,\"\\u00e9\"]}") => {"a" [1 2.5 nil true "é"]}
(call :json.parse "{\"a\":}") => :json-error
(call :json.parse "") => :json-error
(call :json.stringify {:a [1 2.5 nil true "é\n"] "b" {}}) => "{\"a\":[1,2.5,null,true,\"é\\n\"],\"b\":{}}"
(call :json.stringify {:a [1]} {:pretty true}) => "{\n  \"a\": [\n    1\n  ]\n}"
(call :json.stringify ##NaN) => :invalid-argument
(call :json.parse (call :json.stringify {"x" [{} [] 123456789012345678901234567890]})) => {"x" [{} [] 123456789012345678901234567890]}

(call :text.upper "straé") => "STRAÉ"
(call :text.lower "ÀB") => "àb"
(call :text.trim " \t a b \n") => "a b"
(call :text.blank? " \n") => true
(call :text.blank? nil) => true
(call :text.length "é€😀") => 3
(call :text.contains? "hello" "ell") => true
(call :text.starts-with? "hello" "he") => true
(call :text.ends-with? "hello" "he") => false
(call :text.index-of "hello" "l") => 2
(call :text.index-of "hello" "l" 3) => 3
(call :text.index-of "hello" "z") => nil
(call :text.join ", " ["a" 1 :b nil]) => "a, 1, :b, nil"
(call :text.join ["a" "b"]) => "ab"
(call :text.split "a,b,,c" ",") => ["a" "b" "" "c"]
(call :text.split-lines "a\nb\n") => ["a" "b"]
(call :text.replace "a.b.c" "." "-") => "a-b-c"
(call :text.reverse "abé") => "éba"
(call :text.reverse [1 2 3]) => [3 2 1]
(call :text.substring "héllo" 1 3) => "él"
(call :text.substring "hello" 3) => "lo"
(call :text.substring "hello" 9) => :index-out-of-bounds
(call :text.re-find "b+" "abbbc") => "bbb"
(call :text.re-matches "(a)(b)" "ab") => ["ab" "a" "b"]
(call :text.re-seq "[0-9]+" "a1b22") => ["1" "22"]
(call :text.re-find "(" "a") => :invalid-argument

(pos? (call :system.cpu-count)) => true
(let [m (call :system.memory)] (< 0 (:available m) (+ 1 (:total m)))) => true
(keys (call :system.platform)) => [:system :release :machine]

(call :env.get "RTFS_TEST_NONE") => nil
(call :env.get "RTFS_TEST_NONE" 5) => 5
(call :env.get "RTFS_TEST_SECRET") => nil
TABLE

RTFS_TEST_ONE=1 table --allow-env RTFS_TEST_ONE --env RTFS_TEST_TWO=b=c <<'TABLE'
(call :env.get "RTFS_TEST_ONE") => "1"
(call :env.get "RTFS_TEST_TWO" "x") => "b=c"
TABLE

table <<'TABLE'
(:stdout (call :process.exec ["cat"] {:stdin "in\nput"})) => "in\nput"
(select-keys (call :process.exec ["sh" "-c" "echo out; echo err >&2; exit 3"]) [:exit :signal :stdout :stderr]) => {:exit 3 :signal nil :stdout "out\n" :stderr "err\n"}
(select-keys (call :process.exec ["sh" "-c" "kill -9 $$"]) [:exit :signal]) => {:exit nil :signal 9}
(:stdout (call :process.exec ["sh" "-c" "echo $A$B"] {:env {"A" "1" "B" "2"}})) => "12\n"
(:stdout (call :process.exec ["echo" "$HOME" "a  b" "*"])) => "$HOME a  b *\n"
(:stdout (call :process.exec ["pwd"] {:cwd "/"})) => "/\n"
(:exit (call :process.exec ["true"] {:stdin (apply str (repeat 200000 "x"))})) => 0
(count (:stdout (call :process.exec ["cat"] {:stdin (apply str (repeat 200000 "x"))}))) => 200000
(call :process.exec []) => :invalid-arguments
(call :process.exec ["rtfs-no-such-program"]) => :capability
(try (call :process.exec ["rtfs-no-such-program"]) (catch Error e (contains? (:data e) :exit))) => false
(call :process.exec ["true"] {:stdni "x"}) => :invalid-arguments
TABLE

# The command is what is waited for, at every level, and not whoever holds its
# streams; that one goes with the task.
for level in inherit isolated sandboxed; do
	run "$RTFS" eval --isolation $level --timeout 30s '(call :process.exec
	    ["sh" "-c" "sleep 27182818 & echo hi; echo ho >&2; exit 3"])'
	case $err in
	*NotPermitted* | *unavailable*)
		unkept "process.exec ends with its command: $level" "$err" \
		    "$level"
		continue
		;;
	esac
	is "process.exec ends with its command: $level" "$out$err" \
	    '{:exit 3 :signal nil :stdout "hi\n" :stderr "ho\n"}'
	ok "and nothing of it is left" none_marked 27182818
	run "$RTFS" eval --isolation $level --timeout 30s --limit result=1G \
	    '(:exit (call :process.exec ["sh" "-c" "yes & sleep 0.01; exit 3"]))'
	is "also when that one writes without end: $level" "$out$err" 3
done
is "process.exec waits for a command that holds no stream" "$("$RTFS" eval \
    '(:exit (call :process.exec ["sh" "-c" "exec <&- >&- 2>&-; sleep 0.2; exit 3"]))')" 3

table --allow-write . <<'TABLE'
(call :fs.exists? "d") => false
(call :fs.mkdir "d/e/f") => nil
(call :fs.mkdir "d/e/f") => nil
(call :fs.write "d/x" "héllo\n") => nil
(call :fs.append "d/x" "more") => nil
(call :fs.append "d/y" "new") => nil
(call :fs.read "d/x") => "héllo\nmore"
(call :fs.read-text "d/y") => "new"
(call :fs.read-base64 "d/y") => "bmV3"
(call :fs.list "d") => ["e" "x" "y"]
(select-keys (call :fs.stat "d/y") [:type :size]) => {:type :file :size 3}
(:type (call :fs.stat "d")) => :directory
(call :fs.write "d/y" "") => nil
(:size (call :fs.stat "d/y")) => 0
(call :fs.delete "d") => :capability
(call :fs.delete "d/y") => nil
(call :fs.exists? "d/y") => false
(call :fs.read "d/y") => :capability
(call :fs.read "d") => :capability
(call :fs.write "d/none/x" "") => :capability
(map (fn [p] (call :fs.delete p)) ["d/x" "d/e/f" "d/e" "d"]) => [nil nil nil nil]
(call :fs.list ".") => []
TABLE
done_testing
