# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# fault.sh - what goes wrong with programs, VMs, cables and BMCs.

# Pids, as this machine sees them, of a program of a host.
program_pids() # PROGRAM HOST
{
	local p name=$1 comm
	case $name in
	libvirt) name=libvirtd ;;
	agent-*) name=hac-$name ;;
	esac
	for p in $(host_pids "$2"); do
		comm=$(cat "/proc/$p/comm" 2>/dev/null)
		if [ "$comm" = "${name:0:15}" ]; then
			printf '%s\n' "$p"
		fi
	done
}

lab_fault() # VERB [PROGRAM] HOST, or VERB vm VM
{
	local verb=$1
	shift
	if [ "${1:-}" = vm ]; then
		[ $# = 2 ] || die "$verb vm needs a VM"
		vm_fault "$verb" "$2"
		return
	fi
	case $# in
	1)
		need_host "$1"
		case $verb in
		hang) host_hang "$1" ;;
		wake) host_wake "$1" ;;
		*) die "$verb needs a PROGRAM and a HOST" ;;
		esac
		;;
	2)
		need_host "$2"
		program_fault "$verb" "$1" "$2"
		;;
	*) die "$verb needs a HOST, or a PROGRAM and a HOST" ;;
	esac
}

program_fault() # VERB PROGRAM HOST
{
	local pids service=$2
	case $2 in
	hacd|corosync|libvirt|hac-agent-vm|hac-agent-fence|hac-agent-disk) ;;
	agent-vm|agent-fence|agent-disk) service=hac-$2 ;;
	*) die "'$2' is no program of a lab host; there are hacd, corosync, libvirt, hac-agent-vm, hac-agent-fence, hac-agent-disk" ;;
	esac
	pids=$(program_pids "$2" "$3")
	case $1 in
	crash)
		[ -n "$pids" ] || die "$2 does not run on $3"
		# shellcheck disable=SC2086
		kill -9 $pids
		;;
	hang)
		[ -n "$pids" ] || die "$2 does not run on $3"
		# shellcheck disable=SC2086
		kill -STOP $pids
		;;
	wake)
		# shellcheck disable=SC2086
		[ -z "$pids" ] || kill -CONT $pids
		;;
	restart)
		# A service is restarted by its supervisor, an agent by hacd.
		case $service in
		hac-agent-*)
			# shellcheck disable=SC2086
			[ -z "$pids" ] || kill -TERM $pids
			;;
		*) ( host_exec "$3" bash /run/lab/parts/host-restart.sh "$service" ) </dev/null ;;
		esac
		;;
	*) die "a program can crash, hang, wake or restart, not '$1'" ;;
	esac
}

vm_fault() # VERB VM
{
	local host pid n
	read -r host pid < <(lab_guest_pid "$2") || die "VM '$2' runs nowhere"
	case $1 in
	crash) kill -9 "$pid" ;;
	hang) kill -STOP "$pid" ;;
	wake) kill -CONT "$pid" ;;
	poweroff|reboot)
		[ "$1" = poweroff ] || vm_boots "$2" "$host"
		vm_ask "$1" "$2" "$host" "$pid"
		;;
	*) die "a VM can crash, hang, wake, poweroff, reboot, not '$1'" ;;
	esac
}

# A guest listens once it is up; a datagram may be lost.
vm_ask() # WORD VM HOST PID
{
	local ip log=$STORE/console/$2.log
	ip=$(tr '\0' '\n' <"/proc/$4/cmdline" | sed -n 's/.* hac\.ip=\([0-9.]*\).*/\1/p')
	[ -n "$ip" ] || die "VM '$2' cannot listen"
	wait_for 60 vm_asked "$1" "$3" "$ip" "$log" "$(grep -c "asked to $1" "$log")" ||
		die "VM '$2' does not listen"
}

vm_asked() # WORD HOST IP LOG TIMES-BEFORE
{
	( host_exec "$2" bash -c "echo $1 >/dev/udp/$3/7777" ) 2>/dev/null
	sleep 0.2
	[ "$(grep -c "asked to $1" "$4" 2>/dev/null)" -gt "$5" ]
}

# What a guest finds broken, or not, when it boots there without libvirt.
vm_boots() # VM HOST
{
	( host_exec "$2" /etc/libvirt/hooks/qemu "$1" reboot ) </dev/null ||
		die "the disk of VM '$1' cannot be written"
}

# libvirt's own hook does it; see host_create. One file a host and what is
# broken says how often.
vm_break() # break vm VM start|guest-agent|app [times N] [HOST...]
{
	local what=${4:-} dir=$STORE/break/${3:-} times=ever h
	if [ "${2:-}" != vm ] || [ $# -lt 4 ]; then
		die "break needs 'vm', a VM, and start, guest-agent or app"
	fi
	[[ $what =~ ^(start|guest-agent|app)$ ]] ||
		die "the lab can only break a VM's start, guest-agent or app, not '$what'"
	shift 4
	if [ "${1:-}" = times ]; then
		[[ ${2:-} =~ ^[0-9]+$ ]] || die "times needs a number"
		times=$2
		shift 2
	fi
	# shellcheck disable=SC2046 # a list is wanted
	[ $# -gt 0 ] || set -- $(hosts)
	mkdir -p "$dir"
	for h in "$@"; do
		need_host "$h"
		echo "$times" >"$dir/$h.$what"
	done
}

# A guest that booted with something broken gets it back, too.
vm_mend() # vm VM
{
	local host pid
	if [ "${1:-}" != vm ] || [ $# != 2 ]; then
		die "mend needs 'vm' and a VM"
	fi
	rm -rf "${STORE:?}/break/$2"
	read -r host pid < <(lab_guest_pid "$2") || return 0
	tail -c 4096 "$STORE/$2.img" | grep -aqE '^(guest-agent|app) ' || return 0
	vm_boots "$2" "$host"
	vm_ask agent-start "$2" "$host" "$pid"
	vm_ask app-start "$2" "$host" "$pid"
}

# Started as an admin might with virsh, beside hac.
vm_stray() # vm VM HOST
{
	if [ "${1:-}" != vm ] || [ $# != 3 ]; then
		die "stray needs 'vm', a VM and a HOST"
	fi
	need_host "$3"
	xmllint --nonet --xpath "/cluster/vms/vm[@name='$2']/domain" \
		"$DATA/cluster.xml" >"$STORE/stray-$2.xml" 2>/dev/null ||
		die "the cluster has no VM '$2'"
	( host_exec "$3" virsh -q create "$IMAGES/stray-$2.xml" ) ||
		die "cannot start '$2' on $3"
}

lab_trouble() # VERB ARGUMENTS...
{
	local verb=$1 n sides
	shift
	case $verb in
	bmc)
		[ $# = 2 ] || die "bmc needs a HOST and dead, failing, lying, slow or ok"
		need_host "$1"
		bmc_mode "$1" "$2"
		;;
	isolate)
		[ $# = 1 ] || die "isolate needs a HOST"
		need_host "$1"
		for n in $NETS; do
			net_port "$1" "$n" down
		done
		;;
	link)
		[ $# = 3 ] || die "link needs a HOST, a number, and down or up"
		need_host "$1"
		[[ $2 =~ ^[0-3]$ && $3 =~ ^(up|down)$ ]] || die "link: no such cable '$2 $3'"
		net_port "$1" "$2" "$3"
		;;
	cut)
		[ $# = 2 ] || die "cut needs two HOSTs"
		need_host "$1"
		need_host "$2"
		net_cut "$1" "$2"
		;;
	partition)
		[ $# -ge 2 ] || die "partition needs two sides, A,B C,D"
		sides="$*"
		for n in ${sides//,/ }; do
			need_host "$n"
		done
		net_partition "$@"
		;;
	heal)
		net_heal
		;;
	esac
}
