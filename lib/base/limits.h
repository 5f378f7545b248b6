/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limits.h - every limit of hac, in one place. Configurations and messages
 * that exceed one are refused when they arrive, never truncated.
 */
#ifndef HA_BASE_LIMITS_H
#define HA_BASE_LIMITS_H

#define HA_HOSTS_MAX 64
#define HA_VMS_MAX 10000
#define HA_NAME_MAX 63           /* characters of a host, VM, device name */
#define HA_ADDR_MAX 255          /* characters of a network address */
#define HA_FENCE_DEVICES_MAX 128
#define HA_FENCE_LEVELS_MAX 4    /* per host */
#define HA_FENCE_STEPS_MAX 4     /* devices in one level */
#define HA_FENCE_PARAMS_MAX 32   /* per device */
#define HA_PARAM_MAX 255         /* characters of a parameter's value */
#define HA_RULES_MAX 1000        /* VM-host, VM-VM, dependencies: in all */
#define HA_GROUPS_MAX 1000       /* named, of hosts and of VMs: of each */
#define HA_DATASTORES_MAX 64
#define HA_NETWORKS_MAX 256
/* What plans and admission control can count with: */
#define HA_POOL_GROUPS_MAX HA_RULES_MAX /* VM-VM rules */
#define HA_POOL_VM_GROUPS_MAX 4  /* of which one VM is in so many */
#define HA_POOL_LEVELS_MAX 3     /* of preference among hosts */
/* Of a host or a VM: 4 PiB. Sums and shares cannot overflow below it. */
#define HA_POOL_MEMORY_KIB_MAX ((uint64_t)1 << 42)
#define HA_CONFIG_BYTES_MAX (32u << 20)
#define HA_CONFIGS_KEPT 64       /* versions on disk, the current one too */
#define HA_DOMAIN_BYTES_MAX (256u << 10) /* one VM's domain XML */
#define HA_LOG_ENTRIES_MAX 4096  /* entries kept in memory since a snapshot */
#define HA_ENTRY_DATA_MAX 192    /* a fact, encoded for the replica */
#define HA_ACTIONS_MAX 65536     /* actions of one step */
#define HA_TEXT_MAX 239          /* characters of a reason or a trace line */
#define HA_REQUESTS_MAX 256      /* admin commands waiting at one host */
#define HA_PEER_MESSAGE_MAX (48u << 20)
#define HA_IPC_MESSAGE_MAX (40u << 20)
#define HA_AGENT_MESSAGE_MAX (48u << 20)

#endif
