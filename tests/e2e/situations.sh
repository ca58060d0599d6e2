#!/bin/sh
# :sandboxed where it rests on something else each time: as a user with user
# namespaces, as root where there are none, and as root of a container that may
# make no namespace at all.
# Each refusal has the same act at :inherit beside it.
. "$(dirname "$0")/tap.sh"

[ "$(id -u)" -eq 0 ] || skip_all "only root can make the situations"
mark=rtfs-situations-$$
own_copy
mkdir "$tmp/p"
chmod 755 "$tmp/p"
. "$here/subjects.sh"
. "$here/container.sh"
subjects "$tmp/p" s
chmod 644 "$secret"
sleep 600 &
victim=$!
listen_here
cat >>"$tmp/p/capabilities.rtfs" <<CAPABILITIES
(capability :s.kill :exec ["sh" "-c" "kill -0 \$0" "$victim"] :codec :argv)
(capability :s.daemon :exec ["sh" "-c" "setsid sh -c 'sleep 60; : $mark' >/dev/null 2>&1 & echo left"] :codec :argv)
CAPABILITIES

# situation NAME RUN: the same questions, in that situation
situation() {
	name=$1 in=$2
	set -- "$RTFS" eval --capabilities "$tmp/p"
	$in "$@" "$honest (call :text.upper \"a\") (call (fn [x] (* x x)) 3)]"
	is "$name: honest programs and our own code" "$out$err" \
	    "[$answer \"A\" 9]"
	$in "$@" --isolation inherit "[(call :s.spy) (call :s.net $port)]"
	is "$name: inherit: files and network" "$out$err" '["hidden" "in"]'
	$in "$@" "[$(kind :s.spy) $(kind ":s.net $port") $(kind :s.kill)]"
	is "$name: neither, and nobody to signal" "$out$err" \
	    '[:exit :exit :exit]'
	$in "$@" '(call :s.daemon)'
	is "$name: a task leaves a daemon" "$out$err" '"left"'
	ok "$name: nothing survives it" wait_for 5 none_marked "$mark"
	$in "$@" "$(kind :s.mount)"
	like "$name: a forbidden call" "$out$err" '^:(syscall-denied|signal)$'
	$in "$RTFS" doctor
	like "$name: doctor" "$out" '^ [+] +:sandboxed'
}

if su nobody -s /bin/sh -c 'unshare -U true' 2>/dev/null; then
	situation "a user" as_nobody
else
	skip "a user with user namespaces" "nobody cannot make one"
fi
if has_container; then
	situation "a container" in_container
	in_container "$RTFS" eval --capabilities "$tmp/p" \
	    --report "$tmp/report" '(call :s.sh)'
	like "a container: no private /tmp, and it is said" \
	    "$(cat "$tmp/report")" '"not_applied":"tmp"'
	in_container "$RTFS" eval --isolation isolated \
	    '(call :process.exec ["true"])'
	like "a container: :isolated is not to be had, but :sandboxed is" "$err" \
	    'promise "network" .*allow user namespaces, or use :sandboxed, or .*:unavailable'
	echo '{:default {:isolation :isolated :network :host}}' >"$tmp/host.rtfs"
	in_container "$RTFS" eval --capabilities "$tmp/p" \
	    --policy "$tmp/host.rtfs" "[$(kind :s.spy) (call :s.net $port)
	        $(kind :s.kill) (call :s.daemon) $honest]]"
	is "a container: it is with the host's network, by Landlock and a uid" \
	    "$out$err" "[:exit \"in\" :exit \"left\" [$answer]]"
	ok "and nothing survives it" wait_for 5 none_marked "$mark"
else
	skip "a container's root" "no user namespace of its own for the test"
fi
if has_off; then
	situation "user namespaces off" in_off
	# Nothing stands for the owner of a granted folder there.
	mkdir "$tmp/grant"
	echo content >"$tmp/grant/in"
	chmod 755 "$tmp/grant"
	chmod 644 "$tmp/grant/in"
	in_off "$RTFS" eval --allow-read "$tmp/grant" \
	    "(:stdout (call :process.exec [\"cat\" \"$tmp/grant/in\"]))"
	is "user namespaces off: what all may read is granted" "$out$err" \
	    '"content\n"'
	in_off "$RTFS" eval --allow-write "$tmp/grant" \
	    "(call :process.exec [\"touch\" \"$tmp/grant/out\"])"
	like "user namespaces off: what only its owner may write is not" \
	    "$err" "grant \(owner 0, mode 0755\) cannot be given to uid.*:unavailable"
	ok "and nothing is written" test ! -e "$tmp/grant/out"
else
	skip "root where user namespaces are off" \
	    "no user namespace of its own for the test"
fi
kill "$victim" "$server"

# No uid can be claimed where /run cannot be written.
echo '(capability :s.id :exec ["id" "-u"] :codec :argv)' >>"$tmp/p/capabilities.rtfs"
# shellcheck disable=SC2016
run timeout 60 unshare -m sh -c 'mount -t tmpfs -o ro none /run && exec "$@"' \
    sh "$RTFS" eval --capabilities "$tmp/p" --report "$tmp/report" \
    '(call :s.id)'
is "no uid of its own: nobody, never root" "$out$err" '"65534"'
like "and it is said" "$(cat "$tmp/report")" '"not_applied":"nproc"'

# A root that is no mount point: nothing there can be made private.
mkdir "$tmp/jail"
for d in usr proc dev tmp work etc run; do
	mkdir "$tmp/jail/$d"
done
for d in bin sbin lib lib64; do
	[ ! -L "/$d" ] || ln -s "usr/$d" "$tmp/jail/$d"
done
cp "$RTFS" "$tmp/bin/rtfs-worker" "$tmp/jail/"
cat >"$tmp/jailed" <<JAILED
mount --make-rprivate / && cd "$tmp/jail" && "\$@" || exit 99
mount --rbind /usr usr && mount -t proc proc proc && mount --rbind /dev dev || exit 99
exec chroot . /rtfs eval '(:exit (call :process.exec ["true"]))'
JAILED
jailed() { run timeout 60 unshare -m sh "$tmp/jailed" "$@"; }
jailed true
like "a root that is no mount point: it is said, with the remedy" "$err" \
    'no mount point .bind it to itself before chroot'
# shellcheck disable=SC2016
jailed eval 'mount --bind . . && cd "$PWD"'
is "bound to itself it will do" "$out$err" 0
done_testing
