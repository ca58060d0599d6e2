#!/bin/sh
# The include table of design: a room includes only what stands below it, and
# each third-party header has its one room.
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 99
failed=0

# allowed ROOM "ROOMS": every "room/file.h" in ROOM's files is one of ROOMS.
allowed() {
	room=$1
	case $room in
	proto | workers) dir=$room ;;
	*) dir=src/$room ;;
	esac
	for file in "$dir"/*.[ch]; do
		[ -f "$file" ] || continue
		for inc in $(sed -n 's|^#include "\([a-z]*\)/.*|\1|p' \
		    "$file" | sort -u); do
			case " $2 " in
			*" $inc "*) ;;
			*)
				echo "# $file includes room $inc;" \
				    "$room may include: $2"
				failed=1
				;;
			esac
		done
	done
}

# pinned HEADER PATTERN: only files that match the pattern include it.
pinned() {
	for file in $(grep -rlE "^#include <($1)" src proto workers); do
		# shellcheck disable=SC2254 # a pattern
		case $file in
		$2) ;;
		*)
			echo "# $file includes <$1>, which belongs to $2"
			failed=1
			;;
		esac
	done
}

allowed base "base"
allowed value "base value"
allowed lang "base value lang"
allowed task "base value task"
allowed policy "base value task policy"
allowed proto "base value task policy proto"
allowed sandbox "base value task policy sandbox"
allowed pool "base value task policy proto sandbox pool"
allowed host "base value lang task policy proto sandbox pool host"
allowed batch "base value lang task policy proto sandbox pool host state batch"
allowed state "base state"
allowed cli "base value lang task policy proto sandbox pool host batch cli"

# Workers know the language in one file only: where closures run.
for file in workers/*.[ch]; do
	case $file in
	workers/closure.c) rooms="base value lang task policy proto sandbox workers" ;;
	*) rooms="base value task policy proto sandbox workers" ;;
	esac
	for inc in $(sed -n 's|^#include "\([a-z]*\)/.*|\1|p' "$file" |
	    sort -u); do
		case " $rooms " in
		*" $inc "*) ;;
		*)
			echo "# $file includes room $inc; it may include: $rooms"
			failed=1
			;;
		esac
	done
done

pinned "msgpack" "proto/codec*.c"
pinned "curl/" "workers/http*.c"
pinned "histedit\.h" "src/cli/repl*"
pinned "sqlite3\.h" "src/state/*"
pinned "gmp\.h" "src/value/*"
pinned "seccomp\.h" "src/sandbox/*"
pinned "linux/landlock\.h" "src/sandbox/*"
pinned "utf8proc\.h" "src/[vl]a*/*"

if [ "$failed" -eq 0 ]; then
	echo "ok 1 - layers: every include stays in its room"
else
	echo "not ok 1 - layers: every include stays in its room"
fi
echo "1..1"
exit "$failed"
