#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hook-qemu.sh VM OPERATION ... - libvirt's hook in a lab host: what 'haclab
# break vm' broke here. A start is refused; what of a guest does not work in its
# next boot is told to it by the last page of its disk, which nobody else
# writes. The operation "reboot" is the lab's own, for a guest that boots anew.
images=/var/lib/libvirt/images
vm=$1

takes() # WHAT
{
	file=$images/break/$vm/$(uname -n).$1
	[ -e "$file" ] || return 1
	read -r times <"$file"
	[ "$times" != ever ] || return 0
	[ "$times" -gt 0 ] || return 1
	echo $((times - 1)) >"$file"
}

case $2 in
prepare)
	if takes start; then
		echo "the lab broke the start of $vm" >&2
		exit 1
	fi
	;;
reboot) ;;
*) exit 0 ;;
esac
[ -s "$images/$vm.img" ] || exit 0
broken=
if takes guest-agent; then
	broken=guest-agent
elif takes app; then
	broken=app
fi
printf '%-511s\n' "$broken" |
	dd of="$images/$vm.img" bs=4096 seek=255 conv=notrunc,fsync status=none
