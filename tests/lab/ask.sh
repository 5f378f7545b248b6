# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# ask.sh - what tests ask of the hosts of a lab with hactl. Sourced, after
# result.sh and vars.sh; $lab is haclab.
# shellcheck disable=SC2154

hactl() # HOST ARGUMENT...
{
	"$lab" exec "$1" hactl "${@:2}"
}

prints() # PATTERN HOST ARGUMENT...
{
	hactl "${@:2}" 2>&1 </dev/null | grep -E -- "$1" >/dev/null
}

# Comes true within 60 s.
soon() # TEXT COMMAND...
{
	local text=$1
	shift
	wait_for 60 "$@"
	result "$text" $?
}

vm_is() # VM STATE HOST-THAT-IS-ASKED [ON]
{
	prints "^$1 +$2 ${4:+ *$4 }" "$3" vm list
}

host_is() # HOST STATE HOST-THAT-IS-ASKED
{
	prints "^$1\\*? +[0-9]+ +$2 " "$3" host list
}

fine() # HOST
{
	prints '^Cluster demo is fine: ' "$1" status
}

coordinator() # HOST
{
	hactl "$1" host list | sed -n 's/^\(h[0-9]\)\* .*/\1/p'
}
