# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# cluster.sh - a cluster's XML with this lab's hosts, BMCs and guests in it.

cluster_transform() # FILE: the whole file
{
	xsltproc --nonet --stringparam accel "$(guest_accel)" \
		--stringparam kind "$(setting kind)" --stringparam images "$IMAGES" \
		--stringparam user "$BMC_USER" "$PARTS/cluster.xsl" "$1"
}

cluster_names() # FILE host|vm
{
	xmllint --nonet --xpath "/cluster/${2}s/$2/@name" "$1" 2>/dev/null |
		sed 's/^ *name="\(.*\)"$/\1/'
}

# Prints the lab's version of a cluster's file, and makes its VMs' disks.
cluster_config() # FILE
{
	local h vm
	[ $# = 1 ] || die "config needs a cluster's FILE"
	[ -r "$1" ] || die "cannot read $1"
	hosts >/dev/null
	for h in $(cluster_names "$1" host); do
		hosts | grep -qx -- "$h" ||
			die "$1: the lab has no host '$h'; its hosts are $(hosts | tr '\n' ' ')"
		[ "$(xmllint --nonet --xpath "string(/cluster/hosts/host[@name='$h']/@id)" "$1")" \
			= "$(number_of "$h")" ] ||
			die "$1: host $h must have id $(number_of "$h") in the lab"
	done
	for vm in $(cluster_names "$1" vm); do
		guest_disk "$vm"
	done
	cluster_transform "$1" || die "cannot read $1 as a cluster's XML"
}

# One VM's domain.
cluster_domain() # VM NUMBER
{
	local i
	{
		echo '<cluster name="lab"><hosts/><vms>'
		for ((i = 1; i < $2; i++)); do
			echo "<vm name='other$i'><domain/></vm>"
		done
		echo "<vm name='$1'><domain/></vm></vms></cluster>"
	} | cluster_transform - |
		xmllint --xpath "/cluster/vms/vm[@name='$1']/domain" -
}

# A cluster of $DATA/cluster.xml out of empty stores: h1 founds it.
cluster_create()
{
	local first
	first=$(hosts | head -n 1)
	cp "$DATA/cluster.xml" "$STORE/cluster.xml"
	wait_for 30 cluster_answers "$first" ||
		die "hacd does not answer on $first; see $DATA/$first/log/hacd.log"
	( host_exec "$first" hactl cluster create "$IMAGES/cluster.xml" ) ||
		die "cannot create the cluster; see $DATA/$first/log/hacd.log"
}

cluster_answers() # HOST
{
	( host_exec "$1" hactl status --json ) >/dev/null 2>&1
}
