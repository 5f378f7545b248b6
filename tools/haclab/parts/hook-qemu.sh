#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hook-qemu.sh VM OPERATION ... - libvirt's hook in a lab host: refuses the
# start of a VM that 'haclab break vm' broke here.
[ "$2" = prepare ] || exit 0
f=/var/lib/libvirt/images/break/$1/$(uname -n)
[ -e "$f" ] || exit 0
read -r times <"$f"
if [ "$times" != ever ]; then
	[ "$times" -gt 0 ] || exit 0
	echo $((times - 1)) >"$f"
fi
echo "the lab broke the start of $1" >&2
exit 1
