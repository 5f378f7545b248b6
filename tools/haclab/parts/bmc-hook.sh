#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# bmc-hook.sh HOST LAB get|set|check WHAT [VALUE] - the chassis control of a
# host's BMC: ipmi_sim calls it to read and to switch the host's power.
host=$1
HACLAB_NAME=$2
export HACLAB_NAME HACLAB_QUIET=1
shift 2
PARTS=$(dirname "$(readlink -f "$0")")
# shellcheck source=SCRIPTDIR/vars.sh
. "$PARTS/vars.sh"
# shellcheck source=SCRIPTDIR/net.sh
. "$PARTS/net.sh"
# shellcheck source=SCRIPTDIR/host.sh
. "$PARTS/host.sh"
read -r LIBEXEC <"$RUN/libexec"
mode=$(cat "$RUN/$host/bmc-mode" 2>/dev/null)

note()
{
	printf '%s %s\n' "$(date -u +%H:%M:%S.%3N)" "$*" >>"$RUN/$host/power.log"
}

set_power() # 0|1
{
	note "power $1 asked, BMC is ${mode:-ok}"
	case $mode in
	failing) exit 1 ;;
	slow) sleep 5 ;;
	lying) echo "$1" >"$RUN/$host/lie"
	       return ;;
	esac
	if [ "$1" = 1 ]; then
		host_boot "$host"
		note "power 1 done"
	elif host_pid "$host" >/dev/null; then
		host_kill "$host"
		note "power 0 done, taken"
	else
		note "power 0 done, there was none"
	fi
}

get_power()
{
	if [ -r "$RUN/$host/lie" ]; then
		printf 'power:%s\n' "$(cat "$RUN/$host/lie")"
	elif host_pid "$host" >/dev/null; then
		echo power:1
	else
		echo power:0
	fi
}

while [ $# -gt 0 ]; do
	case $1 in
	get)
		[ "$mode" != failing ] || exit 1
		if [ "$2" = power ]; then
			get_power
		else
			echo "$2:none"
		fi
		shift 2
		;;
	set)
		case $2 in
		power) set_power "$3" ;;
		reset) set_power 0
		       set_power 1 ;;
		esac
		shift 3
		;;
	check) shift 2 ;;
	*) shift ;;
	esac
done
exit 0
