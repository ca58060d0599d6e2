#!/bin/sh
# say.sh is given ["text"] as JSON and prints the text itself
sed -e 's/^\["//' -e 's/"\]$//' -e 's/\\"/"/g' -e 's/\\\\/\\/g'
