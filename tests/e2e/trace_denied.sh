#!/bin/sh
# rtfs policy test --trace-denied: what a program was refused, and a rule that
# grants just that: with it the same program works.
. "$(dirname "$0")/tap.sh"

root=$tmp/w
mkdir "$root" "$root/in" "$root/out" "$root/own" "$root/bin"
echo content >"$root/in/file"
echo secret >"$root/other"
ln -s "$root/in/file" "$root/link"
cp "$(which true)" "$root/bin/prog"
cat >"$root/capabilities.rtfs" <<'CAPABILITIES'
(capability :t.run :exec ["true"] :codec :argv)
CAPABILITIES
# Each line wants something that is not there by default.
cat >"$root/needs.sh" <<SCRIPT
cat $root/link || exit 1
cd $root/in && cat ./file || exit 2
echo new >>$root/out/changed || exit 3
echo new >$root/own/made && rm $root/own/gone || exit 4
$root/bin/prog || exit 5
SCRIPT
sed 's/ || exit .$//' "$root/needs.sh" >"$root/all.sh"
own_copy

as_is() { run "$@"; }
as_nobody() {
	words="cd / && exec"
	for word; do
		words="$words '$word'"
	done
	run su nobody -s /bin/sh -c "$words"
}
try() { # OPTIONS... -- COMMAND...
	"$as" "$RTFS" policy test --capabilities "$root" "$@"
}
fresh() {
	echo old >"$root/out/changed"
	echo gone >"$root/own/gone"
	rm -f "$root/own/made" "$root/policy.rtfs"
	chmod -R u=rwX,go=rX "$root" "$tmp/bin"
	chmod 755 "$root/bin/prog"
}

round() { # HOW NAME
	as=$1 name=$2
	try t.run -- sh "-c" "$(cat "$root/needs.sh")"
	is "$name: without a rule it fails" "$status" 1
	unlike "$name: and nothing is listed unasked" "$err" refused
	try --trace-denied t.run -- sh "-c" "$(cat "$root/all.sh")"
	like "$name: a file, where its link cannot be seen either" "$err" \
	    "^rtfs: refused [0-9]+x: to read $root/link\$"
	like "$name: a folder" "$err" "to read $root/in\$"
	like "$name: a file to be changed" "$err" "to write $root/out/changed\$"
	like "$name: the folder of one to be made or removed" "$err" \
	    "to write $root/own\$"
	like "$name: a program" "$err" "to (read|execute) $root/bin/prog\$"
	unlike "$name: not what it has" "$err" "/usr/bin|libc.so"
	unlike "$name: nor what nobody has" "$err" "ld.so.preload"
	# What was refused kept it from asking for more.
	rounds=0
	while rule=$(printf '%s\n' "$err" |
	    sed -n 's/^rtfs: a rule that would grant it: //p'); do
		[ -n "$rule" ] && [ "$rounds" -lt 5 ] || break
		rounds=$((rounds + 1))
		printf '{:rules [%s]}\n' "$rule" >"$root/policy.$rounds.rtfs"
		chmod 644 "$root/policy.$rounds.rtfs"
		try --trace-denied --policy "$root/policy.$rounds.rtfs" t.run \
		    -- sh "-c" "$(cat "$root/all.sh")"
	done
	fresh
	[ "$as" = as_is ] || chown -R nobody "$root/out" "$root/own"
	like "$name: rules come to an end" "$rounds" '^[12]$'
	try --policy "$root/policy.$rounds.rtfs" t.run -- \
	    sh "-c" "$(cat "$root/needs.sh")"
	is "$name: with the rule it works" "$status $out" "0 content
content"
	like "$name: it has written" "$(cat "$root/out/changed")" new
	ok "$name: it has made a file" test -s "$root/own/made"
	ok "$name: it has removed one" test ! -e "$root/own/gone"
	try --policy "$root/policy.$rounds.rtfs" t.run -- cat "$root/other"
	is "$name: and it grants no more" "$status" 1
}

run "$RTFS" eval '(:exit (call :process.exec ["true"]))'
if [ "$out" != 0 ]; then
	unkept "all of it" "$err"
	done_testing
fi
fresh
round as_is "as it is"
if [ "$(id -u)" -eq 0 ] &&
    su nobody -s /bin/sh -c 'unshare -U true' 2>/dev/null; then
	fresh
	chown -R nobody "$root"
	round as_nobody "a user"
fi

as=as_is
try --trace-denied t.run -- python3 -c 'import os, socket
try: socket.socket()
except PermissionError: print("refused")
try: os.open("/tmp/f", os.O_CREAT | os.O_WRONLY, 0o4755)
except PermissionError: print("refused")'
is "what is traced is refused all the same" "$out" "refused
refused"
like "a socket, and what would grant it" "$err" ':network :host}$'
echo '{:rules [{:match "t.*" :syscalls [:exec]}]}' >"$root/few.rtfs"
chmod 644 "$root/few.rtfs"
try --trace-denied --policy "$root/few.rtfs" t.run -- true
unlike "a set of calls that policy leaves out is not let through" "$err" \
    't.run: ok'
done_testing
