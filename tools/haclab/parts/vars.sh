# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# vars.sh - names, addresses and paths of a lab; the few words all parts use.
# Sourced by haclab and by the BMC's hook; sets, and does nothing else.
# shellcheck disable=SC2034 # used by the other parts

# Two labs on one machine need two names.
LAB=${HACLAB_NAME:-haclab}
RUN=/run/$LAB            # state: small files, gone with the machine's boot
DATA=/var/lib/$LAB       # the hosts' disks and the shared datastore
CACHE=${HACLAB_CACHE:-/var/cache/haclab} # kernel, initramfs, the KVM probe
STORE=$DATA/store        # what each host sees as $IMAGES
IMAGES=/var/lib/libvirt/images
SWITCH=$LAB-sw           # the network namespace that plays the switches
NETS="0 1 2 3"           # cluster link 0 and 1, management, guests
BMC_USER=hac
export LC_ALL=C.UTF-8

die()
{
	printf 'haclab: %s\n' "$*" >&2
	exit 1
}

say()
{
	[ -n "${HACLAB_QUIET:-}" ] || printf '%s\n' "$*"
}

netns_of() # HOST
{
	printf '%s-%s' "$LAB" "$1"
}

number_of() # HOST: h3 is 3
{
	printf '%s' "${1#h}"
}

hosts()
{
	[ -r "$RUN/hosts" ] || die "there is no lab; start one with 'haclab up'"
	cat "$RUN/hosts"
}

need_host() # HOST
{
	[ -r "$RUN/hosts" ] || hosts
	grep -qx -- "$1" "$RUN/hosts" ||
		die "there is no host '$1'; the lab has: $(hosts | tr '\n' ' ')"
}

setting() # NAME: what 'up' was told
{
	sed -n "s/^$1=//p" "$RUN/settings" 2>/dev/null
}

# The pid of a host's init as this machine sees it, if the host has power. The
# pid namespace is compared: a number alone may mean another process by now.
host_pid() # HOST
{
	local pid ns
	[ -r "$RUN/$1/init" ] || return 1
	read -r pid ns <"$RUN/$1/init" || return 1
	[ "$(readlink "/proc/$pid/ns/pid" 2>/dev/null)" = "$ns" ] || return 1
	printf '%s' "$pid"
}

# Pids of all processes of a host, as this machine sees them.
host_pids() # HOST
{
	local ns
	read -r _ ns 2>/dev/null <"$RUN/$1/init" || return 0
	find /proc -mindepth 3 -maxdepth 3 -path '/proc/[0-9]*/ns/pid' \
		-lname "${ns/\[/\\[}" 2>/dev/null | cut -d/ -f3
}

wait_for() # SECONDS COMMAND...: polls until it succeeds
{
	local end=$((${EPOCHREALTIME/./} + $1 * 1000000))
	shift
	until "$@"; do
		[ "${EPOCHREALTIME/./}" -lt "$end" ] || return 1
		sleep 0.05
	done
}
