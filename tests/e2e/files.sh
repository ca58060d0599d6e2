#!/bin/sh
# What fs.* may touch: the program's folder and the current one by default,
# what options and policy grant beyond that, and nothing through a link.
. "$(dirname "$0")/tap.sh"

mkdir -p "$tmp/w/sub" "$tmp/w/other" "$tmp/prog" "$tmp/away"
echo here >"$tmp/w/here.txt"
echo away >"$tmp/away/away.txt"
echo beside >"$tmp/prog/beside.txt"
ln -s ../../away "$tmp/w/sub/out"
ln -s sub "$tmp/w/link"
head -c 64 "$RTFS" >"$tmp/w/bytes"
cd "$tmp/w" || exit 99

value() { # NAME EXPECTED ARG...
	name=$1 want=$2
	shift 2
	run "$RTFS" eval "$@"
	is "$name" "$out" "$want"
}
denied() { # NAME PATTERN ARG...
	name=$1 want=$2
	shift 2
	run "$RTFS" eval "$@"
	is "$name: fails" "$status" 1
	like "$name" "$err" "$want.*:denied"
}

value "the current folder" '"here\n"' '(call :fs.read "here.txt")'
value "a folder in it" '["out"]' '(call :fs.list "sub")'
printf '(call :fs.read "%s")\n' "$tmp/prog/beside.txt" >"$tmp/prog/p.rtfs"
run "$RTFS" run "$tmp/prog/p.rtfs"
is "the program's folder" "$out" '"beside\n"'
denied "nothing else, and how to allow it" \
    "away.txt: no rule allows to read it; allow it with --allow-read .*:match" \
    '(call :fs.read "../away/away.txt")'
denied "not through a link" "$tmp/away/away.txt" \
    '(call :fs.read "sub/out/away.txt")'
denied "not even whether it is there" "$tmp/away" '(call :fs.exists? "../away/x")'
denied "no writing at all" "$tmp/w/new: .*write" '(call :fs.write "new" "x")'

# Grants: relative ones start at the current folder.
for grant in sub ./sub sub/ "$tmp/w/sub" other/../sub link; do
	run "$RTFS" eval --allow-write "$grant" \
	    '(do (call :fs.write "sub/f" "x") (call :fs.append "sub/f" "y")
	         (call :fs.read "sub/f"))'
	is "--allow-write $grant" "$out" '"xy"'
	denied "--allow-write $grant: no neighbour" "$tmp/w/other/f" \
	    --allow-write "$grant" '(call :fs.write "other/f" "x")'
	denied "--allow-write $grant: not by a link out of it" "$tmp/away/f" \
	    --allow-write "$grant" '(call :fs.write "sub/out/f" "x")'
done
denied "--allow-write . is this folder, not all" "$tmp/away/f" \
    --allow-write . "(call :fs.write \"$tmp/away/f\" \"x\")"
denied "--allow-read . neither" "$tmp/away/away.txt" \
    --allow-read . '(call :fs.read "../away/away.txt")'
value "--allow-read .." '"away\n"' --allow-read .. \
    '(call :fs.read "../away/away.txt")'
denied "a grant is no prefix of a name" "$tmp/away/away.txt" \
    --allow-read ../away/away.tx '(call :fs.read "../away/away.txt")'
value "a folder that is not there yet" '["deep"]' --allow-write fresh \
    '(do (call :fs.mkdir "fresh/deep") (call :fs.list "fresh"))'
value "a link is deleted, not what it names" '[nil "away\n"]' \
    --allow-write sub --allow-read ../away \
    '[(call :fs.delete "sub/out") (call :fs.read "../away/away.txt")]'
denied "a task cannot grant itself" "write" \
    '^{:write ["."]} (call :fs.write "n" "x")'
cat >"$tmp/prog/policy.rtfs" <<'END'
{:rules [{:match "fs.*" :read ["../away"] :write ["./made"]}]}
END
value "policy: paths start at its own folder" '["away\n" nil]' \
    --policy "$tmp/prog/policy.rtfs" \
    "[(call :fs.read \"$tmp/away/away.txt\")
      (call :fs.mkdir \"$tmp/prog/made/x\")]"

# What goes wrong is that task's error.
value "the rest" '[{:type :file :size 5} true false]' --allow-write . \
    '[(select-keys (call :fs.stat "here.txt") [:type :size])
      (call :fs.exists? "here.txt") (call :fs.exists? "none")]'
fails() { # NAME KIND PATTERN EXPRESSION
	run "$RTFS" eval "(try $4 (catch Exception e [(:kind e) (:message e)]))"
	like "$1" "$out" "^\\[:$2 .*$3"
}
fails "missing" capability 'none: No such file' '(call :fs.read "none")'
run "$RTFS" eval --allow-read "$tmp/none" "(call :fs.read \"$tmp/none/x\")"
like "missing, and so is what was granted" "$err" "$tmp/none/x: No such file"
fails "a folder" capability 'Is a directory' '(call :fs.read "sub")'
fails "a file as folder" capability 'Not a directory' '(call :fs.list "here.txt")'
fails "a device" denied '/dev/zero' '(call :fs.read "/dev/zero")'
fails "bytes" invalid-result 'not UTF-8 at byte' '(call :fs.read "bytes")'
fails "NUL" invalid-arguments 'U\+0000' '(call :fs.read "a\u0000b")'
fails "no text" invalid-arguments ':string' '(call :fs.read 5)'
value "bytes in base64" 88 '(count (call :fs.read-base64 "bytes"))'
done_testing
