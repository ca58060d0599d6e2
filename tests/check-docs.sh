#!/bin/sh
# What the code has, the manuals name: messages, options, limits, built-in
# capabilities; and the manuals name no option that is not there.
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 99
: "${RTFS:=${abs_top_builddir:+$abs_top_builddir/rtfs}}"
: "${RTFS:?say where the rtfs binary is}"
n=0 failed=0
tmp=$(mktemp -d "${TMPDIR:-/tmp}/rtfs-docs.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT

# named WHAT FILE: each line of $tmp/names stands in the file as a word.
named() {
	n=$((n + 1))
	sed 's/\\&//g' "$2" | tr -s ' \t,;()[]"`|:' '\n' | sed 's/\.$//' |
	    sort -u >"$tmp/words"
	missing=
	count=0
	while read -r word; do
		count=$((count + 1))
		grep -Fqx -- "$word" "$tmp/words" || missing="$missing $word"
	done <"$tmp/names"
	if [ -z "$missing" ] && [ "$count" -gt 0 ]; then
		echo "ok $n - ${2##*/} names each of $count $1"
		return
	fi
	failed=1
	echo "not ok $n - ${2##*/} names each of $count $1"
	echo "# missing:${missing:- all}"
}

sed -n 's/^MSG(\([A-Z_]*\),.*/\1/p' proto/msg.def >"$tmp/names"
named "messages" proto/PROTOCOL.md

# "Fl o , Fl Fl output Ar format" is -o and --output; in "Fl Fl cpu , data"
# the second word is one, too.
options_of() { # PAGE
	awk '/^\.It Fl/ {
		dashes = ""
		for (i = 2; i <= NF; i++) {
			if ($i == "Fl") {
				dashes = $(i - 1) == "Fl" ? "--" : "-"
			} else if ($i == ",") {
				continue
			} else if ($i ~ /^(Ar|Cm|Ns|Op)$/) {
				break
			} else {
				print dashes $i
			}
		}
	}' "$1" | sort -u
}

# documented PAGE VERB...: the options of the verbs and those of the page are
# the same.
documented() {
	page=$1
	shift
	options_of "src/man/$page" >"$tmp/$page"
	for verb; do
		"$RTFS" "$verb" --help
	done 2>"$tmp/err" | sed -n \
	    's/^ *\(-[a-zA-Z0-9],\)\{0,1\} *\(--[a-z-]*\).*/\1 \2/p' |
	    tr -d , | tr ' ' '\n' | grep . | sort -u >"$tmp/names"
	cp "$tmp/names" "$tmp/--help"
	named "options" "$tmp/$page"
	cp "$tmp/$page" "$tmp/names"
	named "options of $page" "$tmp/--help"
}

verbs=$("$RTFS" --help | sed -n 's/^  \([a-z]\{3,\}\)  *.*/\1/p')
# shellcheck disable=SC2046 # words
documented rtfs.1 $(printf '%s\n' "$verbs" | grep -vx batch)
documented rtfs-batch.1 batch
printf '%s\n' "$verbs" >"$tmp/names"
named "verbs" src/man/rtfs.1

sed -n 's/^LIMIT("\([a-z]*\)".*/\1/p' src/policy/limit.def >"$tmp/names"
named "limits" src/man/rtfs-policy.5

"$RTFS" capabilities list 2>/dev/null | sed -n \
    's/^:\([a-z][a-z0-9-]*\.[^ ]*\).*/\1/p' >"$tmp/names"
named "built-in capabilities" src/man/rtfs-capabilities.5
echo "1..$n"
exit "$failed"
