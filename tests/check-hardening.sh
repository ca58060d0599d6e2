#!/bin/sh
# What we ship is position independent, has a read-only GOT bound at start and
# no executable stack; what is meant to be static needs no loader.
bin=${abs_top_builddir:-.}
n=0 failed=0

skip_all() {
	echo "1..0 # SKIP skipped: $*"
	exit 0
}

result() { # STATUS NAME
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		failed=1
		echo "not ok $n - $2"
	fi
}

# has FILE READELF-OPTION PATTERN
has() {
	LC_ALL=C readelf -W "$2" "$bin/$1" 2>/dev/null | grep -Eq -- "$3"
}

if ! command -v readelf >/dev/null 2>&1; then
	[ -n "${TESTS_EQUIPPED:-}" ] || skip_all "readelf is not here"
	echo "not ok 1 - readelf is not here" && exit 1
fi
[ "${HARDENED:-yes}" = yes ] ||
    skip_all "built without hardening, or with sanitizers"
for file in rtfs rtfs-state rtfs-worker rtfs-worker-http rtfs-worker-plugin; do
	has $file -h 'Type: *DYN'
	result $? "$file is position independent"
	has $file -l 'GNU_RELRO'
	result $? "$file has its relocations read-only"
	has $file -d '\(FLAGS(_1)?\).*(BIND_NOW|NOW)'
	result $? "$file is bound at start"
	has $file -l 'GNU_STACK.* RW +0x'
	result $? "$file has no executable stack"
	! has $file -l 'LOAD.* RWE '
	result $? "$file has no segment that is writable and executable"
	! has $file -d '\((RPATH|RUNPATH)\)'
	result $? "$file looks for no library of its own accord"
	has $file -s '__stack_chk_fail'
	result $? "$file checks its stack"
done
for file in rtfs rtfs-worker; do
	! has $file -l 'INTERP'
	result $? "$file needs no loader"
	! has $file -d '\(NEEDED\)'
	result $? "$file needs no shared library"
done
echo "1..$n"
exit "$failed"
