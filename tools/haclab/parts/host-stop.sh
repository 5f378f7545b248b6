#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# host-stop.sh - stops a lab host's daemons as systemd would at a shutdown:
# hac-guests.service, hacd, corosync, libvirt.
set -u

stop() # SERVICE
{
	local super
	read -r super <"/run/lab/$1.super" || return 0
	kill -TERM "$super" 2>/dev/null
	for _ in {1..400}; do
		[ -e "/run/lab/$1.pid" ] || return 0
		sleep 0.05
	done
}

if [ -e /run/lab/hacd.pid ]; then
	hactl host leave --local
	stop hacd
fi
stop corosync
stop libvirt
