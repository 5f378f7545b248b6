# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# bmc.sh - each host's BMC: an IPMI simulator beside the switches, on power of
# its own, whose chassis control is the host's real power.

bmc_up() # HOST
{
	local h=$1 d=$RUN/$1/bmc i
	i=$(number_of "$h")
	mkdir -p "$d/state"
	cat >"$d/lan.conf" <<-END
		name "$h"
		set_working_mc 0x20
		startlan 1
		  addr 10.77.2.10$i 623
		  priv_limit admin
		  allowed_auths_callback none md2 md5 straight
		  allowed_auths_user none md2 md5 straight
		  allowed_auths_operator none md2 md5 straight
		  allowed_auths_admin none md2 md5 straight
		  guid a123456789abcdefa12345678900000$i
		endlan
		chassis_control "$PARTS/bmc-hook.sh $h $LAB"
		user 1 true "" "" user 10 none md2 md5 straight
		user 2 true "$BMC_USER" "$(cat "$RUN/bmc-password")" admin 10 none md2 md5 straight
	END
	cat >"$d/sim.emu" <<-'END'
		mc_setbmc 0x20
		mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
		mc_enable 0x20
	END
	bmc_address "$h" add
	(
		exec 9>&-
		cd "$d" || exit
		exec setsid nsenter --net="/run/netns/$SWITCH" \
			ipmi_sim -n -c lan.conf -f sim.emu -s state \
			</dev/null >>bmc.log 2>&1
	) &
	echo $! >"$d/pid"
	disown
}

# A dead BMC is silent, and answers nothing late when it is back.
bmc_address() # HOST add|del
{
	ip -n "$SWITCH" addr "$2" "10.77.2.10$(number_of "$1")/24" dev sw2 2>/dev/null
}

bmc_down() # HOST
{
	local pid
	read -r pid 2>/dev/null <"$RUN/$1/bmc/pid" || return 0
	if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = ipmi_sim ]; then
		kill "$pid"
	fi
}

bmc_mode() # HOST dead|failing|lying|slow|ok
{
	case $2 in
	dead) bmc_address "$1" del ;;
	failing|lying|slow|ok) bmc_address "$1" add ;;
	*) die "a BMC is dead, failing, lying, slow or ok, not '$2'" ;;
	esac
	rm -f "$RUN/$1/lie"
	echo "$2" >"$RUN/$1/bmc-mode"
}
