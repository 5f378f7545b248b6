#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# host-restart.sh SERVICE - systemctl restart, inside a lab host.
set -u
read -r super <"/run/lab/$1.super" || exit 1
if [ -e "/run/lab/$1.pid" ]; then
	kill -TERM "$super"
	for _ in {1..500}; do
		[ -e "/run/lab/$1.pid" ] || break
		sleep 0.05
	done
fi
kill -USR1 "$super"
