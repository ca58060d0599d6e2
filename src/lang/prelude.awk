# prelude.rtfs -> rows {"name", "source"} of src/lang/corelib.c's table.
# A function begins with "(defn NAME" in the first column and goes to the next
# one; comment lines and empty lines are dropped.
function literal(s,   i, c, out) {
	out = ""
	for (i = 1; i <= length(s); i++) {
		c = substr(s, i, 1)
		if (c == "\\" || c == "\"")
			out = out "\\"
		out = out c
	}
	return "\"" out "\\n\""
}
function flush() {
	if (name != "")
		printf "{\"%s\", %s},\n", name, text
	name = ""
	text = ""
}
/^\(defn / {
	flush()
	name = $2
}
/^[ \t]*;/ || /^[ \t]*$/ { next }
name != "" { text = text "\n    " literal($0) }
END { flush() }
