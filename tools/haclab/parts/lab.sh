# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# lab.sh - the lab as a whole: up, down, status, and what a person looks at.

lab_up()
{
	local count='' token=1000 coefficient=650 config='' cluster=yes quorum='' kind=small
	local hacd_options=''
	while [ $# -gt 0 ]; do
		case $1 in
		--hosts) count=$2; shift ;;
		--token) token=$2; shift ;;
		--coefficient) coefficient=$2; shift ;;
		--config) config=$2; shift ;;
		--quorum) quorum=$2; shift ;;
		--hacd-options) hacd_options=$2; shift ;;
		--no-cluster) cluster=no ;;
		--light) kind=light ;;
		*) die "up knows no '$1'; see 'haclab help'" ;;
		esac
		shift
	done
	[ -z "$config" ] || [ -r "$config" ] || die "cannot read $config"
	[ -n "$count" ] || [ -z "$config" ] ||
		count=$(cluster_names "$config" host | wc -l)
	count=${count:-3}
	[[ $count =~ ^[2-8]$ ]] || die "a lab has 2 to 8 hosts, not '$count'"
	[[ $token =~ ^[0-9]+$ && $coefficient =~ ^[0-9]+$ ]] ||
		die "a token is a number of milliseconds"
	lab_need
	if [ -n "$config" ] && [ "$cluster" = yes ] && [ ! -x "$(lab_program hacd)" ]; then
		die "there is no hacd; build hac first, or set HACLAB_BUILD"
	fi
	lab_down quiet
	mkdir -p "$RUN/net" "$DATA" "$STORE"
	chmod 755 "$DATA"
	(umask 077; head -c 12 /dev/urandom | base64 | tr -dc 'A-Za-z0-9' |
		head -c 12 >"$RUN/bmc-password")
	seq -f 'h%g' "$count" >"$RUN/hosts"
	printf '%s\n' "token=$token" "coefficient=$coefficient" "quorum=$quorum" \
		"kind=$kind" "hacd_options=$hacd_options" >"$RUN/settings"
	echo "$LIBEXEC" >"$RUN/libexec"
	lab_programs
	guest_prepare
	corosync_conf "$token" "$coefficient" >"$DATA/corosync.conf"
	corosync-keygen -l -k "$DATA/authkey" >/dev/null || die "cannot make corosync's key"
	host_files >"$DATA/etc-hosts"
	net_up
	local h
	for h in $(hosts); do
		host_create "$h"
		bmc_up "$h"
		host_boot "$h"
	done
	for h in $(hosts); do
		wait_for 60 host_ready "$h" ||
			die "$h does not come up; see $DATA/$h/log"
	done
	say "$count hosts are up: $(hosts | tr '\n' ' ')"
	if [ -n "$config" ]; then
		cluster_config "$config" >"$DATA/cluster.xml" || exit 1
		[ "$cluster" = no ] || cluster_create
	fi
}

lab_need()
{
	local p
	for p in corosync libvirtd ipmi_sim fence_ipmilan tini qemu-system-x86_64 \
		 cpio ip unshare nsenter virsh xsltproc xmllint; do
		command -v "$p" >/dev/null ||
			die "there is no $p; install the packages in data/packages"
	done
	for p in hac-lab-service hac-guest; do
		[ -x "$LIBEXEC/$p" ] ||
			die "there is no $LIBEXEC/$p; build hac first, or set HACLAB_BUILD"
	done
}

# Where a program of hac is, in the build tree or installed.
lab_program() # NAME
{
	local dir
	for dir in ${BUILD:+"$BUILD" "$BUILD/daemons/hacd" "$BUILD/tools/hactl"}; do
		if [ -x "$dir/$1" ] && [ -f "$dir/$1" ]; then
			echo "$dir/$1"
			return
		fi
	done
	if [ -z "$BUILD" ]; then
		command -v "$1" || echo "$LIBEXEC/$1"
	fi
}

# What the hosts run, and where a build that is not for / keeps its things.
lab_programs()
{
	local p f
	mkdir -p "$RUN/bin"
	for p in hacd hactl hac-agent-vm hac-agent-fence hac-agent-disk; do
		f=$(lab_program "$p")
		[ -z "$f" ] || ln -s "$f" "$RUN/bin/$p"
	done
	[ -n "$BUILD" ] || return 0
	{
		for f in prefix exec_prefix localstatedir runstatedir; do
			sed -n "s/^$f *= *\(.*\)/$f=\"\1\"/p" "$BUILD/Makefile"
		done
		# shellcheck disable=SC2016
		echo 'echo "state $localstatedir/lib/hac"; echo "log $localstatedir/log/hac"
			echo "run $runstatedir/hac"'
	} | bash >"$RUN/places"
}

lab_down() # [quiet]
{
	local h
	if [ -r "$RUN/hosts" ]; then
		for h in $(hosts); do
			bmc_down "$h"
		done
		for h in $(hosts); do
			host_kill "$h"
		done
	fi
	net_down
	lab_sweep
	# Mount points that the build's own directories needed; not while another
	# lab has something mounted there.
	if [ -r "$RUN/places" ] && ! pgrep -f '/host-init\.sh h[1-8] ' >/dev/null; then
		while read -r _ h; do
			rmdir -p --ignore-fail-on-non-empty "$h" 2>/dev/null
		done <"$RUN/places"
	fi
	rm -rf "$RUN" "$DATA"
	[ "${1:-}" = quiet ] || say "the lab is gone"
}

# What an interrupted run may have left: processes in namespaces of ours whose
# files are gone. Told by what unshare was given, never by a common name.
lab_sweep()
{
	local p
	for p in $(pgrep -f "/host-init\.sh h[1-8] $LAB "); do
		kill -9 "$p" 2>/dev/null
	done
	for p in $(pgrep -x ipmi_sim); do
		if [[ $(readlink "/proc/$p/cwd") == "$RUN/"* ]]; then
			kill -9 "$p"
		fi
	done
}

lab_status()
{
	local h power bmc ports n vms
	printf '%-5s %-6s %-8s %-22s %s\n' HOST POWER BMC CABLES GUESTS
	for h in $(hosts); do
		power=off
		vms=
		if host_pid "$h" >/dev/null; then
			power=on
			vms=$(lab_guests "$h" | tr '\n' ' ')
		fi
		bmc=$(cat "$RUN/$h/bmc-mode" 2>/dev/null || echo ok)
		ports=
		for n in $NETS; do
			[ ! -e "$RUN/net/$h-$n.down" ] || ports="$ports $n down"
		done
		for n in "$RUN/net/$h".*.cut; do
			[ -e "$n" ] || continue
			n=${n%.cut}
			ports="$ports cut to ${n##*.}"
		done
		printf '%-5s %-6s %-8s %-22s %s\n' "$h" "$power" "$bmc" "${ports:- fine}" "$vms"
	done
}

# VM names of a host's QEMU processes: what really runs, whatever anyone says.
lab_guests() # HOST
{
	local p
	for p in $(host_pids "$1"); do
		case $(cat "/proc/$p/comm" 2>/dev/null) in
		qemu-system*) ;;
		*) continue ;;
		esac
		tr '\0' '\n' <"/proc/$p/cmdline" 2>/dev/null |
			sed -n '/^-name$/{n; s/^guest=\([^,]*\).*/\1/p}'
	done | sort
}

# "HOST PID" of a VM's QEMU.
lab_guest_pid() # VM
{
	local h p
	for h in $(hosts); do
		for p in $(host_pids "$h"); do
			case $(cat "/proc/$p/comm" 2>/dev/null) in
			qemu-system*) ;;
			*) continue ;;
			esac
			if tr '\0' '\n' <"/proc/$p/cmdline" | grep -q "^guest=$1\(,\|$\)"; then
				printf '%s %s\n' "$h" "$p"
				return
			fi
		done
	done
	return 1
}

lab_console() # VM
{
	[ $# = 1 ] || die "console needs a VM"
	[ -e "$STORE/console/$1.log" ] ||
		die "'$1' has said nothing yet; see 'haclab status'"
	exec tail -n +1 -f "$STORE/console/$1.log"
}

lab_domain() # VM NUMBER
{
	[ $# = 2 ] || die "domain needs a VM's name and a number"
	guest_disk "$1"
	cluster_domain "$1" "$2"
}

lab_run() # FILE
{
	[ $# -ge 1 ] || die "run needs a scenario's FILE"
	[ -x "$LIBEXEC/hac-lab-run" ] || die "there is no $LIBEXEC/hac-lab-run; build hac first"
	HACLAB=$SELF exec "$LIBEXEC/hac-lab-run" "$@"
}

each_host() # VERB HOST...
{
	local verb=$1 h
	shift
	[ $# -gt 0 ] || die "$verb needs a HOST"
	if [ "$*" = all ]; then
		# shellcheck disable=SC2046 # a list is wanted
		set -- $(hosts)
	fi
	for h in "$@"; do
		need_host "$h"
	done
	if [ "$verb" = kill ]; then
		# One power cut: nobody hears of another's end.
		for h in "$@"; do
			net_silence "$h"
		done
	fi
	for h in "$@"; do
		case $verb in
		boot) host_boot "$h" ;;
		kill) host_kill "$h" ;;
		shutdown) host_shutdown "$h" ;;
		reboot) host_shutdown "$h" && host_boot "$h" ;;
		reinstall)
			host_kill "$h"
			rm -rf "${DATA:?}/$h"
			host_create "$h"
			;;
		esac
	done
}
