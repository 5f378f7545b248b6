# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# net.sh - the switches and the cables. All of it lives in namespaces of the
# lab's own; the machine's network is not touched.

net_up()
{
	local n
	ip netns add "$SWITCH" || die "cannot make a network namespace"
	ip -n "$SWITCH" link set lo up
	for n in $NETS; do
		# An address of its own: else it is that of some port, changes
		# when a host boots, and BMCs are out of reach for seconds.
		ip -n "$SWITCH" link add "sw$n" address "02:ac:00:00:0$n:ff" \
			type bridge forward_delay 0 mcast_snooping 0 || die "cannot make a bridge"
		ip -n "$SWITCH" link set "sw$n" up
	done
}

net_down()
{
	local ns
	# of this lab only: another's name may begin with this one's
	for ns in $(ip netns list | sed 's/ .*//' |
			grep -xE -- "$LAB-(sw|h[1-8])"); do
		ip netns del "$ns"
	done
}

# A namespace with four cards for one life of the host: what the last life
# left in its sockets must not be heard of again.
net_boot() # HOST
{
	local ns h=$1 i n port
	ns=$(netns_of "$h")
	i=$(number_of "$h")
	ip netns del "$ns" 2>/dev/null
	for n in $NETS; do
		ip -n "$SWITCH" link del "$h-$n" 2>/dev/null
	done
	ip netns add "$ns" || return 1
	ip -n "$ns" link set lo up || return 1
	for n in $NETS; do
		echo "link add $h-$n type veth peer name net$n netns $ns address 02:ac:00:00:0$n:0$i"
		echo "link set $h-$n master sw$n"
	done | ip -n "$SWITCH" -batch - || return 1
	{
		for n in 0 1 2; do
			echo "addr add 10.77.$n.$i/24 dev net$n"
			echo "link set net$n up"
		done
		# the guests' bridge
		echo "link add guests type bridge forward_delay 0 mcast_snooping 0"
		echo "link set guests address 02:ac:00:00:08:0$i"
		echo "addr add 10.77.8.$i/24 dev guests"
		echo "link set net3 master guests up"
		echo "link set guests up"
	} | ip -n "$ns" -batch - || return 1
	for n in $NETS; do
		port=$h-$n
		if [ ! -e "$RUN/net/$port.down" ]; then
			echo "link set $port up"
		fi
	done | ip -n "$SWITCH" -batch -
	net_cuts "$h"
}

# Power loss is silent: no FIN, no RST.
net_silence() # HOST
{
	local n
	for n in $NETS; do
		echo "link set $1-$n down"
	done | ip -n "$SWITCH" -force -batch - 2>/dev/null
}

net_port() # HOST NET up|down
{
	if [ "$3" = down ]; then
		: >"$RUN/net/$1-$2.down"
	else
		rm -f "$RUN/net/$1-$2.down"
	fi
	if host_pid "$1" >/dev/null; then
		ip -n "$SWITCH" link set "$1-$2" "$3"
	fi
}

# What A sends to B is lost: A believes in a card that nobody has. On both
# cluster links; the way to the BMCs stays.
net_cut() # A B
{
	: >"$RUN/net/$1.$2.cut"
	net_cuts "$1"
}

net_cuts() # HOST: lays the cuts that begin there
{
	local f to ns n
	ns=$(netns_of "$1")
	for f in "$RUN/net/$1".*.cut; do
		[ -e "$f" ] || continue
		to=${f#"$RUN/net/$1."}
		to=${to%.cut}
		for n in 0 1; do
			ip -n "$ns" neigh replace "10.77.$n.$(number_of "$to")" \
				lladdr 02:de:ad:00:00:00 nud permanent \
				dev "net$n" 2>/dev/null
		done
	done
}

net_partition() # A,B C,D [E...]: sides that do not hear each other
{
	local x y a b
	for x in "$@"; do
		for y in "$@"; do
			[ "$x" != "$y" ] || continue
			for a in ${x//,/ }; do
				for b in ${y//,/ }; do
					net_cut "$a" "$b"
				done
			done
		done
	done
}

net_heal()
{
	local h n f from to ns
	for f in "$RUN"/net/*.cut; do
		[ -e "$f" ] || continue
		from=${f##*/}
		to=${from#*.}
		to=${to%.cut}
		from=${from%%.*}
		ns=$(netns_of "$from")
		for n in 0 1; do
			ip -n "$ns" neigh del "10.77.$n.$(number_of "$to")" \
				dev "net$n" 2>/dev/null
		done
	done
	rm -f "$RUN"/net/*
	for h in $(hosts); do
		host_pid "$h" >/dev/null || continue
		for n in $NETS; do
			echo "link set $h-$n up"
		done | ip -n "$SWITCH" -batch -
	done
}
