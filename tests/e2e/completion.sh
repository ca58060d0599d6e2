#!/bin/sh
# Completion for bash: what it offers is what rtfs has.
. "$(dirname "$0")/tap.sh"
script=$here/../../contrib/completion/rtfs
command -v bash >/dev/null || lacks_all bash
[ -f "$script" ] || lacks_all contrib/completion
cat >"$tmp/try" <<'END'
. "$1"
shift
COMP_WORDS=(rtfs "$@")
COMP_CWORD=$#
_rtfs "$RTFS" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
echo "${COMPREPLY[@]}"
END
offers() { # WORDS EXPECTED
	# shellcheck disable=SC2086 # words
	eval "got=\$(bash '$tmp/try' '$script' $1)"
	is "rtfs $1" "$got" "$2"
}
offers "b" batch
offers "po" policy
offers "batch --resume" "--resume --resume-failed"
offers "run --nof" "--nofile"
offers "batch --order ''" "fifo priority"
offers "batch --exit-status x" "xargs"
offers "batch -v --isolation s" "sandboxed"
offers "batch --capability text.upp" "text.upper"
offers "batch --jobs ''" ""
: >"$tmp/some file"
offers "batch --joblog '$tmp/some'" "$tmp/some file"
offers "run '$tmp/so'" "$tmp/some file"
for command in $("$RTFS" --help | sed -n 's/^  \([a-z]*\)  *[A-Z].*/\1/p'); do
	"$RTFS" "$command" --help | grep -o -e '^ *-., --[a-z-]*' \
	    -e '^ *--[a-z-]*' | grep -o -e '--[a-z-]*' | tr '\n' ' ' >"$tmp/has"
	offers "$command --" "$(sed 's/ $//' "$tmp/has")"
done
done_testing
