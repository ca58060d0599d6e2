#!/bin/sh
# The dashboard example as a newcomer runs it: well, and in every bad mood.
. "$(dirname "$0")/tap.sh"
example=$here/../../contrib/examples/dashboard
[ -x "$example/run" ] || lacks_all "example there"
# A copy: the source tree may be read-only, and the example compiles a file.
cp -R "$example" "$tmp/dashboard"
rm -f "$tmp/dashboard/get_prefs"
chmod -R u+w,go-w "$tmp/dashboard"

run "$tmp/dashboard/run" 7
is "all is well" "$out" 'Ada 7 <ada@example.org>, theme dark
  1. On engines
  2. Notes on notes
  3. A letter from 7
{:name "Ada 7" :posts 3 :theme "dark"}'
is "exit status" "$status" 0

mood() { # MOOD PATTERN
	run "$tmp/dashboard/run" 7 "$1"
	like "$1: says what and why" "$out" "$2"
	like "$1: has the others" "$out" ':fetched \[:user :posts\]'
	is "$1: exit status" "$status" 0
}
mood fail '^prefs failed: exit: .*status 3.*no preferences for user 7'
mood hang '^prefs failed: timeout: .*2s'
mood crash '^prefs failed: signal: .*SIGSEGV'
if sanitized; then
	skip "eat" "AddressSanitizer leaves no limit on memory"
else
	mood eat '^prefs failed: exit: .*no more memory after [0-9]+ MiB'
fi
mood garbage '^prefs failed: invalid-result: .*byte'

run "$tmp/dashboard/run" 7 sulk
like "a mood that :params does not know" "$err" ':prefs.*argument 2'
is "exit status" "$status" 1
done_testing
