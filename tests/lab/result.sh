# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# result.sh - counting what a test in the lab found. Sourced.
passed=0
failed=0

result() # TEXT EXIT-CODE
{
	if [ "$2" = 0 ]; then
		echo "ok: $1"
		passed=$((passed + 1))
	else
		echo "FAILED: $1"
		failed=$((failed + 1))
	fi
}

result_end()
{
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ]
}
