#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# agent-vm.sh - hac-agent-vm against a real libvirtd and real QEMUs, in
# namespaces of their own. Needs root. Prints "ok N - …" and "not ok N - …".
# Run from the build directory, or name it: agent-vm.sh BUILD-DIR [TEST]; TEST
# is agent-vm, or agent-guest, which boots guests of haclab's kind.
set -u

build=$(readlink -f "${1:-.}")
name=${2:-agent-vm}
self=$(readlink -f "$0")
parts=$(readlink -f "${self%/*}/../../tools/haclab/parts")

if [ "$(id -u)" -ne 0 ]; then
	echo "1..0 # SKIP needs root"
	exit 77
fi
for program in unshare tini libvirtd virsh qemu-system-x86_64 ip; do
	if ! command -v "$program" >/dev/null; then
		echo "1..0 # SKIP $program is not installed"
		exit 77
	fi
done

# shellcheck disable=SC2034 # LIBEXEC is used by these parts
LIBEXEC=$build/tools/haclab
# shellcheck source=/dev/null
. "$parts/vars.sh" && . "$parts/guest.sh" || exit 1

if [ "${HAC_TEST_INSIDE:-}" != yes ]; then
	[ "$name" = agent-vm ] || guest_build >&2
	HAC_TEST_INSIDE=yes exec unshare --pid --fork --mount --net --uts --ipc \
		--mount-proc --kill-child tini -- bash "$self" "$build" "$name"
fi

mount --make-rprivate /
ip link set lo up
hostname agent-vm-test
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /var/lib/libvirt
mount -t tmpfs -o mode=755 tmpfs /var/log/libvirt
mount -t tmpfs -o mode=755 tmpfs /etc/libvirt
mkdir -p /run/lock /run/test /etc/libvirt/qemu/networks
cat > /etc/libvirt/libvirtd.conf <<CONF
auth_unix_rw = "none"
auth_unix_ro = "none"
unix_sock_group = "root"
host_uuid = "5ca1ab1e-0000-4000-8000-000000000001"
CONF
cat > /etc/libvirt/qemu.conf <<CONF
security_driver = "none"
user = "root"
group = "root"
cgroup_controllers = []
namespaces = []
stdio_handler = "file"
CONF
printf '127.0.0.1 localhost agent-vm-test localhost-of-test\n' > /run/hosts
: > /run/resolv.conf
mount --bind /run/hosts /etc/hosts
mount --bind /run/resolv.conf "$(readlink -f /etc/resolv.conf)" 2>/dev/null

ulimit -c 0
cd /run/test || exit 1
if [ "$name" = agent-guest ]; then
	mkdir boot
	cp "$CACHE/kernel/vmlinuz" "$CACHE/initrd" boot/
	ip link add guests type bridge forward_delay 0
	ip addr add 10.9.0.1/24 dev guests
	ip link set guests up
fi
exec "$build/tests/lab/$name" "$build/hac-agent-vm" "$(guest_accel)"
