#!/bin/sh
# api.sh WHAT: answers [ID] with something that depends on both.
read -r arguments || [ -n "$arguments" ]
id=$(printf '%s' "$arguments" | tr -dc '0-9')
case $1 in
user) echo "{\"id\": $id, \"name\": \"Ada\"}" ;;
posts) echo "[\"first of $id\", \"second of $id\"]" ;;
prefs) echo '{"theme": "dark"}' ;;
esac
