#!/bin/sh
# What a task has written changes no grant: not of another capability in the
# same run, not of its own in the next one.  Nor does a manifest that comes with
# a program grant what lies elsewhere.
. "$(dirname "$0")/tap.sh"

root=$tmp/g
secret=$tmp/secret
mkdir "$root"
cat >"$root/capabilities.rtfs" <<'CAPABILITIES'
(capability :t.sh :exec ["sh" "-c"] :codec :argv)
(capability :u.sh :exec ["sh" "-c"] :codec :argv)
CAPABILITIES
tree() { # a fresh one
	rm -rf "$root/w" "$secret"
	mkdir -p "$root/w/sub" "$root/w/a/b" "$secret/b"
	echo SECRET600 >"$secret/s"
	echo SECRET600 >"$secret/b/x"
	echo mine >"$root/w/sub/s"
	[ -z "$owner" ] || chown -R "$owner" "$root" "$secret"
}
policy() { # RULES
	printf '{:rules [\n%s\n]}\n' "$1" >"$root/policy.rtfs"
	chmod 644 "$root/policy.rtfs"
}
# as_NAME EXPRESSION, or as_NAME --jsonl=JOBS batch
as_is() {
	run "$RTFS" "${2:-eval}" --policy "$root/policy.rtfs" \
	    --capabilities "$root" -j1 "$1"
}
as_nobody() {
	run su nobody -s /bin/sh -c "cd '$root' && exec '$RTFS' ${2:-eval} \
	    --policy '$root/policy.rtfs' --capabilities '$root' -j1 '$1'"
}

swaps() { # how it is started
	as=$1
	# One capability writes W, another W/sub, which the first one swaps.
	policy "{:match \"t.*\" :write [\"$root/w\"]}
{:match \"u.*\" :write [\"$root/w/sub\"]}"
	both="[(call :t.sh \"cd $root/w; mv sub sub.old; ln -s $secret sub; echo done\")
	    (try (call :u.sh \"cd $root/w/sub && cat s && echo x >>s && echo planted >planted\")
	        (catch Error e [(:kind e) (:message e)]))]"
	tree
	"$as" "$both"
	like "$as: the swap takes place" "$out" 'done'
	ok "$as: a link is there" test -L "$root/w/sub"
	like "$as: the other task is refused, with the remedy" "$out" \
	    "unavailable.*/w/sub: a link in $root/w, which tasks may write \($root/policy.rtfs:2\): grant what it leads to"
	is "$as: nothing was written" "$(cat "$secret/s")$(ls "$secret")" "SECRET600b
s"
	# A plan that was made before the swap.
	tree
	"$as" "[(call :u.sh \"cat $root/w/sub/s\") $both]"
	like "$as: before the swap it has its folder" "$out" 'mine'
	like "$as: the swap takes place later, too" "$out" 'done'
	ok "$as: nothing was read" test "${out#*SECRET600}" = "$out"
	is "$as: nothing was written later" "$(ls "$secret")" "b
s"

	# Where another starts, who may write elsewhere, too.
	policy "{:match \"t.*\" :write [\"$root/w\"]}
{:match \"u.*\" :dir \"$root/w/sub\" :write [\"$root\" \"$secret\"]}"
	write="(:kind (:u (call :parallel {:u (task :u.sh \"echo planted >planted\")})))"
	tree
	"$as" "[(call :t.sh \"cd $root/w; mv sub old; ln -s $secret sub; echo done\") $write]"
	is "$as: :dir over a link is refused" "$out" '["done" :unavailable]'
	policy "{:match \"process.exec\" :isolation :inherit :dir \"$root/w/sub\" :write [\"$root/w\"]}"
	"$as" "(:kind (:u (call :parallel {:u (task :process.exec [\"pwd\"])})))"
	is "$as: at :inherit, too" "$out" :unavailable
	policy "{:match \"t.*\" :write [\"$root/w\"]}
{:match \"u.*\" :dir \"$root/w/sub\" :write [\"$root\" \"$secret\"]}"
	is "$as: nothing was written there" "$(ls "$secret")" "b
s"
	tree
	"$as" "[(call :u.sh \"echo first >first; pwd\")
	    (call :t.sh \"cd $root/w; mv sub old; ln -s $secret sub; echo done\") $write]"
	is "$as: also when it was used before" "$out" "[\"$root/w/sub\" \"done\" :unavailable]"
	is "$as: nothing was written there, either" "$(ls "$secret")" "b
s"

	# As a command that comes later in the same batch has it.
	policy "{:match \"*\" :isolation :sandboxed :write [\"$root/w\" \"$secret\"]}"
	tree
	printf '%s\n' \
	    "{\"shell\": \"cd $root/w; mv sub old; ln -s $secret sub\"}" \
	    "{\"cmd\": [\"touch\", \"planted\"], \"dir\": \"$root/w/sub\"}" >"$root/jobs"
	chmod 644 "$root/jobs"
	"$as" "--jsonl=$root/jobs" batch
	like "$as: nor does a job of a batch start there" "$err" \
	    "/w/sub: a link in $root/w, which tasks may write"
	is "$as: and writes nothing" "$(ls "$secret")" "b
s"
	policy "{:match \"u.*\" :dir \"$root/way/sub\" :read [\"$root/w\"]}
{:match \"t.*\" :dir \"$root/way/sub\" :read [\"$root/way\"]}"
	tree
	ln -sfn w "$root/way"
	"$as" "[(call :u.sh \"cat s; pwd\") (call :t.sh \"cat s; pwd\")]"
	is "$as: :dir by a link that nobody can have made" "$out" \
	    "[\"mine\n$root/w/sub\" \"mine\n$root/way/sub\"]"

	# The options of a task may only tighten, links followed.
	policy "{:match \"*\" :read [\"$root/w\"]}"
	tree
	ln -s "$secret" "$root/w/in"
	ln -s sub "$root/w/near"
	for path in w/in w/in/b w/../w/in w/near; do
		for work in ":t.sh \"cat $root/$path/*\"" ":fs.list \"$root/$path\""; do
			"$as" "(let [e (:t (call :parallel {:t (assoc (task $work) :read [\"$root/$path\"])}))]
			    (if (error? e) [(:kind e) (:message e)] e))"
			case $path in
			w/near) like "$as: a link within it: $work" "$out" 'mine|"s"' ;;
			*) like "$as: a link to what it has not: $work" "$out" \
			    ':denied .*may only tighten :read; .* leads to .*secret' ;;
			esac
		done
	done
	policy ""
	"$as" "(call :t.sh \"cat $root/w/sub/s || echo none\")"
	is "$as: the caller's folder is for fs.* alone" "$out" '"none"'
	"$as" "(let [e (:t (call :parallel {:t (assoc (task :t.sh \"cat $root/w/sub/s\") :read [\"$PWD\" \"$root\"])}))] (:kind e))"
	is "$as: and no task grants it to itself" "$out" ':denied'

	# The second run of one capability.
	policy "{:match \"t.*\" :write [\"$root/w\"] :read [\"$root/w/in\" \"$root/w/a/b\"]}"
	tree
	"$as" "(call :t.sh \"ln -s $secret $root/w/in; echo done\")"
	like "$as: a link for a missing grant" "$out" 'done'
	"$as" "(call :t.sh \"cat $root/w/in/s\")"
	like "$as: is refused in the next run" "$out$err" "/w/in: a link in $root/w, which"
	ok "$as: and not read" test "${out#*SECRET600}" = "$out"
	"$as" "(call :fs.read \"$root/w/in/s\")"
	ok "$as: nor by fs.read" test "${out#*SECRET600}" = "$out"
	tree
	"$as" "(call :t.sh \"cd $root/w; mv a a2; ln -s $secret a; echo done\")"
	"$as" "(call :t.sh \"cat $root/w/a/b/x\")"
	like "$as: nor a link in the middle" "$out$err" "/w/a/b: a link in $root/w, which"

	# The same link where nobody writes.
	policy "{:match \"t.*\" :read [\"$root/w/in\"]}"
	tree
	ln -s "$secret" "$root/w/in"
	"$as" "(call :t.sh \"cat $root/w/in/s\")"
	like "$as: a link that no task can have made is followed" "$out" SECRET600
}

# A manifest that comes with a program speaks for its own folder.
owner=
policy ""
tree
mkdir "$tmp/m"
echo inner >"$tmp/m/data"
ln -s "$secret/s" "$tmp/m/link"
for path in ../secret/s "$secret/s" link none/../../secret/s; do
	echo "(capability :m.x :exec [\"cat\"] :codec :argv :files [\"$path\"])" \
	    >"$tmp/m/capabilities.rtfs"
	run "$RTFS" eval --capabilities "$tmp/m" "(call :m.x \"$secret/s\")"
	like ":files outside: $path" "$err" \
	    "m/capabilities.rtfs:1:[0-9]+: .*$path is outside of the manifest's folder; a rule of a policy with :read"
	ok "nothing is read" test "${out#*SECRET600}" = "$out"
done
echo '(capability :m.x :exec ["cat" "./data"] :codec :argv)
(capability :m.out :exec ["cat" "../secret/s"] :codec :argv)
(capability :m.link :exec ["cat" "./link"] :codec :argv)' >"$tmp/m/capabilities.rtfs"
run "$RTFS" eval --capabilities "$tmp/m" '(call :m.x)'
like "a word of :exec inside" "$out" inner
for id in out link; do
	run "$RTFS" eval --capabilities "$tmp/m" "(call :m.$id)"
	like "not one outside: $id" "$err" 'No such file'
done
run "$RTFS" eval --allow-read "$secret" --capabilities "$tmp/m" "(call :m.x \"$secret/s\")"
like "what a policy grants is seen" "$out" SECRET600

swaps as_is
if [ "$(id -u)" -eq 0 ] && su nobody -s /bin/sh -c true 2>/dev/null; then
	own_copy
	chmod 711 "$tmp/bin"
	owner=nobody
	swaps as_nobody
fi
done_testing
