# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# host.sh - a lab host: what its disk holds, its power, its life.

# Everything of a host that outlives its power.
host_create() # HOST
{
	local h=$1 d=$DATA/$1 i
	i=$(number_of "$h")
	mkdir -p "$RUN/$h" "$d"/{corosync-etc,corosync-var,libvirt-etc,libvirt-var/images,libvirt-cache,hac,log/{hac,libvirt}}
	chmod 700 "$d/corosync-var"
	cp "$DATA/authkey" "$DATA/corosync.conf" "$d/corosync-etc/"
	cp -r /etc/libvirt/. "$d/libvirt-etc/"
	# No networks, pools or domains of this machine, and none started.
	rm -rf "$d/libvirt-etc"/{qemu,storage,nwfilter,secrets,hooks}
	mkdir -p "$d/libvirt-etc"/{qemu,hooks}
	cp "$PARTS/hook-qemu.sh" "$d/libvirt-etc/hooks/qemu"
	cat >"$d/libvirt-etc/libvirtd.conf" <<-END
		host_uuid = "4c4c4544-0000-4000-8000-00000000000$i"
		auth_unix_ro = "none"
		auth_unix_rw = "none"
		log_outputs = "2:stderr"
		max_clients = 200
	END
	cat >"$d/libvirt-etc/qemu.conf" <<-END
		user = "root"
		group = "root"
		dynamic_ownership = 0
		security_driver = "none"
		cgroup_controllers = []
		stdio_handler = "file"
		namespaces = []
		max_core = 0
		nvram = []
	END
	chown -R root:root "$d/libvirt-var"
}

host_files()
{
	local h
	echo '127.0.0.1 localhost'
	for h in $(hosts); do
		printf '10.77.0.%s %s\n10.77.2.10%s bmc-%s\n' "$(number_of "$h")" \
			"$h" "$(number_of "$h")" "$h"
	done
}

corosync_conf() # TOKEN COEFFICIENT
{
	local h i count
	count=$(hosts | wc -l)
	cat <<-END
		totem {
		    version: 2
		    cluster_name: $LAB
		    transport: knet
		    crypto_cipher: aes256
		    crypto_hash: sha256
		    token: $1
		    token_coefficient: $2
		}
		nodelist {
	END
	for h in $(hosts); do
		i=$(number_of "$h")
		cat <<-END
			    node {
			        name: $h
			        nodeid: $i
			        ring0_addr: 10.77.0.$i
			        ring1_addr: 10.77.1.$i
			    }
		END
	done
	cat <<-END
		}
		quorum {
		    provider: corosync_votequorum
	END
	if [ "$count" = 2 ]; then
		printf '    two_node: 1\n'
	fi
	setting quorum | tr ',' '\n' | sed '/./s/^/    /; s/=/: /'
	cat <<-END
		}
		logging {
		    to_stderr: no
		    to_syslog: no
		    to_logfile: yes
		    logfile: /var/log/corosync/corosync.log
		    timestamp: hires
		}
	END
}

# Takes the lock of a host's power, so that its BMC and a person do not meet.
host_lock() # HOST
{
	mkdir -p "$RUN/$1"
	exec 9>"$RUN/$1/lock"
	flock 9
}

host_boot() # HOST
{
	local h=$1 ns parent
	host_lock "$h"
	if host_pid "$h" >/dev/null; then
		exec 9>&-
		return 0
	fi
	net_boot "$h" || die "cannot connect $h"
	ns=$(netns_of "$h")
	# Nothing of ours stays open in the host: a BMC's socket would.
	(
		cd / || exit
		for fd in /proc/self/fd/*; do
			fd=${fd##*/}
			[ "$fd" -le 2 ] || eval "exec $fd>&-"
		done
		exec setsid nsenter --net="/run/netns/$ns" \
			unshare --pid --fork --mount --uts --ipc --mount-proc --kill-child \
			"$(command -v tini)" -- bash "$PARTS/host-init.sh" "$h" \
			"$LAB" "$PARTS" "$LIBEXEC" </dev/null >>"$DATA/$h/log/init.log" 2>&1
	) &
	parent=$!
	wait_for 5 host_born "$h" "$parent" ||
		die "$h does not boot; see $DATA/$h/log/init.log"
	disown "$parent"
	rm -f "$RUN/$h/lie"
	exec 9>&-
}

# Notes the host's init, the child of unshare.
host_born() # HOST PARENT
{
	local pid ns own
	read -r pid _ 2>/dev/null <"/proc/$2/task/$2/children"
	[ -n "$pid" ] || return 1
	own=$(readlink /proc/self/ns/pid)
	ns=$(readlink "/proc/$pid/ns/pid" 2>/dev/null)
	[ "${ns:-$own}" != "$own" ] || return 1
	printf '%s %s\n' "$pid" "$ns" >"$RUN/$1/init"
}

# Power loss.
host_kill() # HOST
{
	local h=$1 pid p parent
	net_silence "$h"
	host_lock "$h"
	# A command of 'exec' whose child was stopped stopped itself too, and
	# would not bury it.
	if pid=$(host_pid "$h"); then
		kill -9 "$pid" 2>/dev/null
		for p in $(host_pids "$h"); do
			parent=$(awk '/^PPid:/ { print $2 }' "/proc/$p/status" 2>/dev/null)
			case $(cat "/proc/${parent:-0}/comm" 2>/dev/null) in
			nsenter) kill -CONT "$parent" 2>/dev/null ;;
			esac
		done
		wait_for 15 host_gone "$pid" ||
			printf 'haclab: some process of %s does not end\n' "$h" >&2
	fi
	rm -f "$RUN/$h/init"
	exec 9>&-
}

host_gone() # PID of its init
{
	case $(awk '/^State:/ { print $2 }' "/proc/$1/status" 2>/dev/null) in
	''|Z|X) return 0 ;;
	esac
	return 1
}

host_exec() # HOST COMMAND...
{
	local h=$1 pid
	shift
	pid=$(host_pid "$h") || die "$h has no power; 'haclab boot $h' gives it"
	exec nsenter -t "$pid" -m -n -p -u -i -- \
		env -i TERM="${TERM:-dumb}" HOME=/root LC_ALL=C.UTF-8 \
		PATH=/run/lab/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		HACLAB_HOST="$h" "$@"
}

host_hang() # HOST: nothing of it runs on, guests included
{
	local p again=yes
	host_pid "$1" >/dev/null || die "$1 has no power"
	while [ "$again" = yes ]; do
		again=no
		for p in $(host_pids "$1"); do
			case $(awk '/^State:/ { print $2 }' "/proc/$p/status" 2>/dev/null) in
			''|T|Z|X) ;;
			*) kill -STOP "$p" 2>/dev/null && again=yes ;;
			esac
		done
	done
}

host_wake() # HOST
{
	local p
	for p in $(host_pids "$1"); do
		kill -CONT "$p" 2>/dev/null
	done
}

# As systemctl poweroff: units stop in the reverse order of their start.
host_shutdown() # HOST
{
	local pid
	pid=$(host_pid "$1") || die "$1 has no power"
	( host_exec "$1" bash /run/lab/parts/host-stop.sh ) </dev/null
	host_kill "$1"
}

host_ready() # HOST
{
	( host_exec "$1" bash -c 'test -S /run/libvirt/libvirt-sock &&
		corosync-quorumtool -s 2>/dev/null | grep -q "^Quorate: *Yes"' ) 2>/dev/null
}
