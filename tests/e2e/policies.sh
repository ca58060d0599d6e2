#!/bin/sh
# The sample policies of contrib/policies: what each allows and what it refuses.
. "$(dirname "$0")/tap.sh"
policies=$(cd "$here/../../contrib/policies" && pwd)
cd "$tmp" || exit 99

# Their folders are below $tmp here.
mkdir -p srv/agent/in srv/agent/out srv/farm/source srv/farm/build \
    srv/pipeline/in srv/pipeline/out
chmod -R 755 srv
for file in "$policies"/*.rtfs; do
	sed "s|/srv/|$tmp/srv/|g" "$file" >"${file##*/}"
	chmod 644 "${file##*/}"
	run "$RTFS" policy check --strict "${file##*/}"
	case $file in
	*/pipeline.rtfs)
		is "pipeline.rtfs: one weak point, and a secret to come" \
		    "$status $(printf '%s\n' "$err" | grep -c Warning)" "1 2"
		like "which it names" "$err" 'the secret [a-z-]* is not in '
		like "its program with a network" "$err" \
		    ':network :host: every host and port'
		;;
	*) is "${file##*/} is clean" "$status$err" 0 ;;
	esac
done
policy=
rt() { # EXPRESSION
	run "$RTFS" eval --capabilities "$here/policies" \
	    --policy "$policy.rtfs" "$@"
}
kind() { # NAME EXPRESSION KIND [OPTIONS]
	rt "(try ^{${4-}} (call $2) (catch Error e (:kind e)))"
	is "$policy: $1" "$out" "$3"
}

policy=agent
rt '(call :agent.upper "hello")'
if printf '%s' "$err" | grep -q ':unavailable'; then
	unkept "what they allow and refuse" "$(printf '%s' "$err" | head -1)"
	done_testing
fi
is "agent: it computes" "$out" '"HELLO"'
echo secret >srv/agent/in/data
rt "(call :fs.read \"$tmp/srv/agent/in/data\")"
is "agent: it reads its folder" "$out" '"secret\n"'
rt "(call :fs.write \"$tmp/srv/agent/out/data\" \"x\")"
is "agent: it writes its other folder" "$(cat srv/agent/out/data)" x
kind "not the first" ":fs.write \"$tmp/srv/agent/in/data\" \"x\"" :denied
kind "no other file" ':fs.read "/etc/passwd"' :denied
rt "(call :agent.snoop \"$tmp/srv/agent/in/data\")"
unlike "agent: a program of its own sees none of them" "$out$err" 'secret$|root:'
kind "no program by name" ':process.exec ["id"]' :denied
kind "no environment" ':env.get "HOME"' :denied
kind "one host only" ':http.get "https://other.example.com/"' :denied
rt '(call :agent.call "9")'
like "agent: no socket for its programs" "$err" 'Permission|not permitted|Operation'
rt '(call :agent.stay)'
is "agent: what it leaves behind" "$out" '"done"'
ok "agent: is gone" wait_for 5 none_marked 'sleep.4242'
kind "no more time than the ceiling" ':agent.upper "x"' :denied \
    ':timeout "10m"'
rt '(:kind (last (call :parallel (mapv (fn [i] (task :agent.upper "x")) (range 1001)))))'
is "agent: a thousand tasks, and no more" "$out" ':denied'

policy=build-farm
printf 'int main;\n' >srv/farm/source/in.c
rt -o text "(call :build.make \"$tmp/srv/farm/source\" \"$tmp/srv/farm/build\")"
farm=$(($(nice) + 10))
[ "$farm" -le 19 ] || farm=19
is "build-farm: from source to build, nicely" "$out" "644
$farm"
is "build-farm: the result is there" "$(cat srv/farm/build/out.o)" 'int main;'
is "build-farm: and the caller's" "$(stat -c %u srv/farm/build/out.o)" "$(id -u)"
rt "(call :build.dirty \"$tmp/srv/farm/source\")"
like "build-farm: sources are not written" "$err" 'Read-only|Permission denied'
kind "nothing is fetched" ':http.get "http://example.com/"' :denied

policy=judge
rt '(call :judge.double "21\n")'
is "judge: an answer" "$out" '"42\n"'
kind "a loop" ':judge.loop' :cpu-limit ':limits {:cpu "1s"}'
kind "a long wait" ':judge.sleep' :timeout ':timeout "300ms"'
if sanitized; then
	skip "judge: too much memory" "AddressSanitizer needs more than any"
else
	rt '(try (call :judge.eat) (catch Error e (:kind e)))'
	like "judge: too much memory" "$out" '^:(exit|signal|memory-limit)$'
fi
kind "too much output" ':judge.flood' :result-limit
rt '(try (call :judge.bomb) (catch Error e "ended"))'
like "judge: a fork bomb ends" "$out" 'over|ended'
rt '[(call :judge.leave) (call :judge.leave)]'
unlike "judge: nothing is left for the next one" "$out" 'answer'
kind "nothing else may be asked" ':fs.read "/etc/passwd"' :denied
kind "not even the time" ':time.now' :denied

policy=pipeline
printf 'b\na\n' >srv/pipeline/in/rows
echo hidden >srv/secret
mkdir -p .config/rtfs/secrets
chmod 700 .config/rtfs/secrets
(umask 077 && printf 'correct-horse' >.config/rtfs/secrets/warehouse-password)
rt -o text "(call :etl.clean \"$tmp/srv/pipeline/in\" \"$tmp/srv/pipeline/out\")"
is "pipeline: a step, its mode, no password" "$out" "640
none"
is "pipeline: sorted" "$(tr -d '\n' <srv/pipeline/out/rows)" ab
rt '(call :etl.load)'
like "pipeline: one step has it, nobody sees it" "$err" 'connected as \*\*\*'
rt "(call :etl.steal \"$tmp/srv\")"
unlike "pipeline: another has neither" "$out$err" 'correct-horse|hidden'

done_testing
