#!/bin/sh
# Make configure and Makefile.in out of configure.ac and Makefile.am.
cd "$(dirname "$0")" && exec autoreconf -fi
