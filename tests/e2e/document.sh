#!/bin/sh
# Every code block of the language's concurrency document, with its value.
. "$(dirname "$0")/tap.sh"
doc=$here/document

run "$RTFS" run "$doc/main.rtfs"
is "three tasks, one map" "$out" '["Ada" 2 "dark"]'
is "and nothing on stderr" "$err" ""

run "$RTFS" run "$doc/tasks.rtfs"
is "tasks are data" "$out" \
    '[(task :capability.name 1 "two") (task :fs.read "/file.txt") (task :http.get "https://example.com/")]'

run "$RTFS" run "$doc/fallback.rtfs"
is "sequential fallback" "$out" '[1 4 9]'

run "$RTFS" run "$doc/error-block.rtfs"
is "one failure" "$out" '[:failed [:failure] :exit]'
run "$RTFS" run "$doc/success-block.rtfs"
is "no failure" "$out" '[:succeeded ""]'

# One yield, however many tasks: the supervisor counts them.
run "$RTFS" run -vv "$doc/main.rtfs"
like "three tasks, one yield" "$err" '^rtfs: 1 yield'
run "$RTFS" eval -vv '(count (call :parallel
    (mapv (fn [i] (task :text.upper "a")) (range 10000))))'
is "ten thousand tasks" "$out" 10000
like "one yield" "$err" '^rtfs: 1 yield'
done_testing
