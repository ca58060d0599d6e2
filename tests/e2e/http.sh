#!/bin/sh
# http.* through the whole house: rtfs, its image of its own, a server on
# loopback, grants, limits and deadlines.
. "$(dirname "$0")/tap.sh"

cc=${CC:-cc}
# shellcheck disable=SC2086
$cc -D_GNU_SOURCE -o "$tmp/server" "$here/http/server.c" 2>"$tmp/cc.err" ||
    lacks_all "C compiler that works: $(head -n 1 "$tmp/cc.err")"
case $("$RTFS" version -v) in
*rtfs-worker-http*/*) ;;
*) lacks_all "http: built without it" ;;
esac
mkfifo "$tmp/hold"
"$tmp/server" <"$tmp/hold" >"$tmp/port" &
exec 9>"$tmp/hold"
wait_for 10 test -s "$tmp/port" || lacks_all "server on loopback"
port=$(cat "$tmp/port")
at=127.0.0.1:$port
url=http://$at

value() { # NAME EXPECTED EXPRESSION
	run "$RTFS" eval --allow-net "$at" "$3"
	is "$1" "$out" "$2"
}
fails() { # NAME KIND PATTERN EXPRESSION [OPTION...]
	name=$1 kind=$2 pattern=$3 expr=$4
	shift 4
	run "$RTFS" eval --allow-net "$at" "$@" \
	    "(try $expr (catch Exception e [(:kind e) (:message e)]))"
	like "$name" "$out" "^\\[:$kind \".*$pattern"
}

value "status, headers, body, url" "[200 \"hello\\n\" \"$url/hello\" true]" \
    "(let [r (call :http.get \"$url/hello\")]
      [(:status r) (:body r) (:url r) (contains? (:headers r) \"x-test\")])"
value "a status of 400 or more is a value" '[404 503]' \
    "[(:status (call :http.get \"$url/status/404\"))
      (:status (call :http.delete \"$url/status/503\"))]"
run "$RTFS" eval --allow-net "$at" -o text "(:body (call :http.post
    \"$url/echo\" \"the body\" {:headers {\"X-Mine\" \"yes\"} :query {:q \"a b\"}}))"
like "post: method and query" "$out" '^POST /echo\?q=a(%20|\+)b HTTP/1.1'
like "post: header" "$out" '^X-Mine: yes'
like "post: body" "$out" '^the body$'
run "$RTFS" eval --allow-net "$at" -o text \
    "(:body (call :http.put \"$url/echo\" \"x\"))"
like "put" "$out" '^PUT /echo '
run "$RTFS" eval --allow-net "$at" -o text \
    "(:body (call :http.request {:method \"PATCH\" :url \"$url/echo\"}))"
like "request" "$out" '^PATCH /echo '

value "redirects are followed" "[200 \"$url/redirect/0\"]" \
    "(let [r (call :http.get \"$url/redirect/3\")] [(:status r) (:url r)])"
fails "as many as are allowed" capability '[Rr]edirect' \
    "(call :http.get \"$url/redirect/3\" {:redirects 2})"
fails "a redirect to elsewhere needs its own grant" denied \
    'localhost.*--allow-net localhost' \
    "(call :http.get \"$url/go/302/http://localhost:$port/hello\")"
fails "no other scheme" invalid-arguments 'file' \
    '(call :http.get "file:///etc/passwd")'
fails "a redirect to another scheme" 'denied|:capability|:invalid-arguments' '' \
    "(call :http.get \"$url/go/302/file:///etc/passwd\")"

run "$RTFS" eval "(call :http.get \"$url/hello\")"
is "no grant by default" "$status" 1
like "and the flag is named" "$err" "--allow-net $at.*:denied"
run "$RTFS" eval --allow-net "127.0.0.1:1" "(call :http.get \"$url/hello\")"
like "another port is another grant" "$err" "--allow-net $at.*:denied"
printf '{:rules [{:match "http.*" :network :host :allow ["%s"]}]}' "$at" \
    >"$tmp/policy.rtfs"
run "$RTFS" eval --policy "$tmp/policy.rtfs" \
    "(:status (call :http.get \"$url/hello\"))"
is "a rule allows it" "$out" 200
http_proxy=http://127.0.0.1:1 https_proxy=http://127.0.0.1:1
export http_proxy https_proxy
value "no proxy from the environment" 200 \
    "(:status (call :http.get \"$url/hello\"))"
unset http_proxy https_proxy

fails "a size cap" result-limit '' \
    "(call :http.get \"$url/big/100000\" {:max-bytes 1000})"
fails "the limit :result" result-limit '' "(call :http.get \"$url/big/100000\")" \
    --limit result=10K
fails "less than was announced" capability '' "(call :http.get \"$url/liar\")"
fails "bytes that are no text" invalid-result 'UTF-8' \
    "(call :http.get \"$url/bin\")"
fails "a timeout of its own" timeout '' \
    "(call :http.get \"$url/hang\" {:timeout 200})"
fails "the deadline of the task, no answer" timeout '(300ms|deadline)' \
    "(call :http.get \"$url/hang\")" --timeout 300ms
fails "the deadline of the task, half an answer" timeout '(300ms|deadline)' \
    "(call :http.get \"$url/slow\")" --timeout 300ms
fails "nobody listens" capability '[Cc]onnect' \
    '(call :http.get "http://127.0.0.1:1/")' --allow-net 127.0.0.1:1
fails "no such host" capability 'nowhere' \
    '(call :http.get "http://nowhere.invalid/")' --allow-net nowhere.invalid
fails "no URL" invalid-arguments '' '(call :http.get "::")'
fails "an unknown option" invalid-arguments ':tiemout' \
    "(call :http.get \"$url/hello\" {:tiemout 5})"
if command -v openssl >/dev/null && openssl req -x509 -newkey ec \
    -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=127.0.0.1 \
    -keyout "$tmp/key" -out "$tmp/cert" >"$tmp/ssl.err" 2>&1; then
	openssl s_server -www -accept 127.0.0.1:0 -key "$tmp/key" \
	    -cert "$tmp/cert" >"$tmp/ssl.out" 2>&1 </dev/null &
	server=$!
	tls_port() {
		tls=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' "$tmp/ssl.out")
		[ -n "$tls" ]
	}
	ok "a server with TLS" wait_for 10 tls_port
	fails "a certificate nobody signed" capability 'certificate' \
	    "(call :http.get \"https://127.0.0.1:$tls/\")" \
	    --allow-net "127.0.0.1:$tls"
	kill "$server" 2>/dev/null
	wait "$server" 2>/dev/null
else
	lacks "a certificate nobody signed" openssl
fi
value "ten at once" 10 "(count (filter (fn [r] (= 200 (:status r)))
    (call :parallel (mapv (fn [i] (task :http.get \"$url/hello\")) (range 10)))))"
exec 9>&-
done_testing
