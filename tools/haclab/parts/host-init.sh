#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# host-init.sh HOST LAB PARTS LIBEXEC - what happens inside a lab host when it
# gets power: its own view of the file system, then its daemons. Runs below
# tini, in the host's namespaces.
set -u
host=$1 lab=$2 parts=$3 libexec=$4
run=/run/$lab
data=/var/lib/$lab/$host

hostname "$host"
mount --make-rprivate /

bind() # FROM TO
{
	mkdir -p "$2"
	mount --bind "$1" "$2" || echo "lab: cannot bind $1 over $2" >&2
}

bind "$data/corosync-etc" /etc/corosync
bind "$data/corosync-var" /var/lib/corosync
bind "$data/libvirt-etc" /etc/libvirt
bind "$data/libvirt-var" /var/lib/libvirt
bind "$data/libvirt-cache" /var/cache/libvirt
bind "/var/lib/$lab/store" /var/lib/libvirt/images
bind "$data/log" /var/log
mkdir -p /var/log/corosync
mount --bind "/var/lib/$lab/etc-hosts" /etc/hosts
mount --bind /dev/null /etc/resolv.conf
mount -t tmpfs -o mode=1777 shm /dev/shm

# A /run of its own, new with each boot, made beside the old one.
new=$data/run
mkdir -p "$new"
mount -t tmpfs -o mode=755 run "$new"
mkdir -p "$new"/lab/{parts,libexec,bin} "$new"/{lock,libvirt,netns,hac}
mount --bind "$parts" "$new/lab/parts"
mount --bind "$libexec" "$new/lab/libexec"
cp "$run/bmc-password" "$run/settings" "$new/lab/"
cp -a "$run/bin/." "$new/lab/bin/"
cp "$run/places" "$new/lab/" 2>/dev/null
mount -n --move "$new" /run

# Where hac keeps things, if it was not configured for / and /run.
state=/var/lib/hac
log=/var/log/hac
agents=
if [ -r /run/lab/places ]; then
	agents=/run/lab/bin
	while read -r what place; do
		case $what in
		state) state=$place ;;
		log) log=$place ;;
		run) mkdir -p "$place"
		     mount -t tmpfs -o mode=755 hac "$place" ;;
		esac
	done </run/lab/places
fi
bind "$data/hac" "$state"
bind "$data/log/hac" "$log"

export PATH=/run/lab/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C.UTF-8 HOME=/root
ulimit -l unlimited 2>/dev/null
ulimit -n 65536 2>/dev/null
cd / || exit

service() # LOG ARGUMENTS...
{
	local log=$1
	shift
	/run/lab/libexec/hac-lab-service "$@" </dev/null >>"/var/log/$log" 2>&1 &
}

service libvirtd.log -r failure -d 100 libvirt libvirtd
service corosync.out -r no corosync corosync -f
if [ -x /run/lab/bin/hacd ]; then
	# hacd needs corosync, as in its unit.
	for _ in {1..200}; do
		corosync-cfgtool -s >/dev/null 2>&1 && break
		sleep 0.05
	done
	read -ra options < <(sed -n 's/^hacd_options=//p' /run/lab/settings)
	# As much more of the processors than a VM as its unit's CPUWeight says.
	service hacd.log -r always -d 500 -w 10000 -n corosync hacd \
		nice -n -10 hacd ${agents:+--agents-dir "$agents"} "${options[@]}"
fi
wait
