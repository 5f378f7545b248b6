#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hook-qemu.sh VM OPERATION ... - libvirt's hook in a lab host: refuses the
# start of a VM that 'haclab break vm' broke here.
[ "$2" = prepare ] || exit 0
f=/var/lib/libvirt/images/break/$1
[ -e "$f" ] || exit 0
read -r hosts <"$f"
case " $hosts " in
'  '|*" $(uname -n) "*) ;;
*) exit 0 ;;
esac
if [ -e "$f.times" ]; then
	read -r times <"$f.times"
	[ "$times" -gt 0 ] || exit 0
	echo $((times - 1)) >"$f.times"
fi
echo "the lab broke the start of $1" >&2
exit 1
