#!/bin/sh
# One argument a line on standard input; one title a line on standard output.
read -r id
for title in "On engines" "Notes on notes" "A letter from $id"; do
	printf '%s\n' "$title"
done
