#!/bin/sh
# The arguments arrive on standard input as one JSON array: [123]
IFS= read -r arguments || [ -n "$arguments" ]
id=$(printf '%s' "$arguments" | tr -dc '0-9')
printf '{"id": %s, "name": "Ada %s", "mail": "ada@example.org"}\n' "$id" "$id"
