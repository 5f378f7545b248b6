# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# guest.sh - what the lab's VMs are made of: Debian's cloud kernel, an
# initramfs with one program and Debian's guest agent, a disk each; and the
# light guest, a boot sector.

# They need each other in this order; a kernel that has one built in has no
# such file.
GUEST_MODULES="virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev
	virtio_pci failover net_failover virtio_net virtio_blk virtio_console
	button evdev"

# The files of a Debian package, without installing it.
guest_fetch() # PACKAGE DIR
{
	(
		cd "$2" &&
		apt-get download -q -o APT::Sandbox::User=root "$1" >/dev/null &&
		dpkg -x "$1"_*.deb x &&
		rm -f "$1"_*.deb
	) || die "cannot fetch what guests need with 'apt-get download $1'"
}

# An older lab's kernel may be there without all the modules.
guest_kernel()
{
	local package dir=$CACHE/kernel
	[ "$(cat "$dir/wanted" 2>/dev/null)" != "$GUEST_MODULES" ] || return 0
	package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null |
		awk '/Depends: linux-image-/ { print $2; exit }')
	[ -n "$package" ] || die "apt knows no linux-image-cloud-amd64; run 'apt-get update'"
	say "fetching the guests' kernel, $package"
	rm -rf "$dir.new"
	mkdir -p "$dir.new/modules"
	guest_fetch "$package" "$dir.new"
	cp "$dir.new"/x/boot/vmlinuz-* "$dir.new/vmlinuz"
	local m
	for m in $GUEST_MODULES; do
		find "$dir.new/x/lib/modules" -name "$m.ko" -exec cp {} "$dir.new/modules/" \;
	done
	echo "$GUEST_MODULES" >"$dir.new/wanted"
	rm -rf "$dir.new/x" "$dir"
	mv "$dir.new" "$dir"
}

# With the libraries of this machine, which QEMU needs too.
guest_agent()
{
	local dir=$CACHE/agent lib
	[ ! -s "$dir/bin/qemu-ga" ] || return 0
	say "fetching the guests' agent"
	rm -rf "$dir.new"
	mkdir -p "$dir.new/bin"
	guest_fetch qemu-guest-agent "$dir.new"
	mv "$dir.new/x/usr/sbin/qemu-ga" "$dir.new/bin/"
	touch "$dir.new/bin/qemu-ga" # not as old as the package
	rm -rf "$dir.new/x"
	if ldd "$dir.new/bin/qemu-ga" | grep 'not found'; then
		die "the guests' agent lacks these libraries; install the packages in data/packages"
	fi
	for lib in $(ldd "$dir.new/bin/qemu-ga" | grep -o '/[^ ]*'); do
		mkdir -p "$dir.new${lib%/*}"
		cp -L "$lib" "$dir.new$lib"
	done
	rm -rf "$dir"
	mv "$dir.new" "$dir"
}

guest_initramfs()
{
	local dir=$CACHE/initramfs m
	if [ "$CACHE/initrd" -nt "$LIBEXEC/hac-guest" ] &&
	   [ "$CACHE/initrd" -nt "$CACHE/agent/bin/qemu-ga" ] &&
	   [ "$CACHE/initrd" -nt "$CACHE/kernel/wanted" ]; then
		return 0
	fi
	rm -rf "$dir"
	cp -r "$CACHE/agent" "$dir"
	mkdir -p "$dir/lib" "$dir/sbin"
	cp "$LIBEXEC/hac-guest" "$dir/init"
	ln -s /init "$dir/sbin/shutdown"
	for m in $GUEST_MODULES; do
		if [ -e "$CACHE/kernel/modules/$m.ko" ]; then
			cp "$CACHE/kernel/modules/$m.ko" "$dir/lib/"
			echo "/lib/$m.ko" >>"$dir/modules"
		fi
	done
	( cd "$dir" && find . | cpio -o -H newc --quiet | gzip -9 ) >"$CACHE/initrd.new" ||
		die "cannot make the guests' initramfs"
	mv "$CACHE/initrd.new" "$CACHE/initrd"
	rm -rf "$dir"
}

# 512 bytes that print a line on the serial port and halt, on a disk of more
# than one cylinder, else the BIOS cannot read it:
#	cli; cld; xor ax,ax; mov ds,ax; mov si,0x7c1a
# 1:	lodsb; test al,al; jz 2f; mov dx,0x3f8; out dx,al; jmp 1b
# 2:	hlt; jmp 2b
guest_light()
{
	local image=$CACHE/light.img
	[ "$(stat -c %s "$image" 2>/dev/null)" != 1048576 ] || return 0
	{
		printf '\xfa\xfc\x31\xc0\x8e\xd8\xbe\x16\x7c'
		printf '\xac\x84\xc0\x74\x06\xba\xf8\x03\xee\xeb\xf5'
		printf '\xf4\xeb\xfd'
	} >"$image.new"
	# The message follows the code.
	local size
	size=$(stat -c %s "$image.new")
	printf 'hac-guest light: I am up\r\n\0' >>"$image.new"
	printf '%b' "\\x$(printf '%02x' "$size")" |
		dd of="$image.new" bs=1 seek=7 conv=notrunc status=none
	truncate -s 510 "$image.new"
	printf '\x55\xaa' >>"$image.new"
	truncate -s 1M "$image.new"
	mv "$image.new" "$image"
}

# Really boots a guest: /dev/kvm alone says little inside another VM.
guest_probe()
{
	local kernel=$CACHE/kernel/vmlinuz log=$CACHE/probe.log pid
	if [ "$(sed -n 1p "$CACHE/accel" 2>/dev/null)" = "$(uname -r)" ]; then
		return 0
	fi
	echo tcg >"$CACHE/accel.new"
	if [ -w /dev/kvm ]; then
		rm -f "$log"
		qemu-system-x86_64 -accel kvm -m 131080k -display none -monitor none \
			-nic none -kernel "$kernel" -initrd "$CACHE/initrd" \
			-append "console=ttyS0 quiet hac.name=probe" \
			-serial "file:$log" </dev/null >/dev/null 2>&1 &
		pid=$!
		if wait_for 12 grep -qs 'I am up' "$log"; then
			echo kvm >"$CACHE/accel.new"
		fi
		kill -9 "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
		rm -f "$log"
	fi
	{ uname -r; cat "$CACHE/accel.new"; } >"$CACHE/accel"
	rm -f "$CACHE/accel.new"
	say "guests run with $(guest_accel)"
}

guest_accel() # kvm or qemu, as libvirt calls them
{
	if [ "$(sed -n 2p "$CACHE/accel" 2>/dev/null)" = kvm ]; then
		echo kvm
	else
		echo qemu
	fi
}

guest_build()
{
	mkdir -p "$CACHE"
	(
		flock 8
		guest_kernel
		guest_agent
		guest_initramfs
		guest_light
		guest_probe
	) 8>"$CACHE/lock" || exit 1
}

guest_prepare()
{
	guest_build
	mkdir -p "$STORE/boot" "$STORE/console"
	cp "$CACHE/kernel/vmlinuz" "$CACHE/initrd" "$CACHE/light.img" "$STORE/boot/"
}

# One megabyte: the guest counts in its first sector.
guest_disk() # VM
{
	[ -e "$STORE/$1.img" ] || truncate -s 1M "$STORE/$1.img"
}
