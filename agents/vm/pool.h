/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pool.h - work that may block, done in threads; its end comes back to the
 * thread of the event loop, which alone knows the state of the agent.
 *
 * A thread is made when work waits and none is idle, and ends when it has been
 * idle for a while; the last one stays, so that the first start after a quiet
 * time does not pay for a new connection. Each has its own connection to
 * libvirt: libvirtd serves only five requests of one connection at a time.
 */
#ifndef HA_AGENT_VM_POOL_H
#define HA_AGENT_VM_POOL_H

#include <libvirt/libvirt.h>
#include <stdbool.h>

#define HA_POOL_THREADS_MAX 64

struct ha_pool;
struct ha_worker;

/* Embedded as first member in what the work needs; owned by the pool until
 * `done` is called, which takes it. */
struct ha_job {
	struct ha_job *next;
	/* In a worker's thread; may block. worker is NULL in ha_pool_alone. */
	void (*run)(struct ha_job *job, struct ha_worker *worker);
	/* In the event loop's thread, in the order of the runs' ends. */
	void (*done)(struct ha_job *job);
};

/* After virEventRegisterDefaultImpl. NULL without memory or descriptors. */
struct ha_pool *ha_pool_create(const char *uri);
void ha_pool_submit(struct ha_pool *pool, struct ha_job *job);
/* In a thread made for this job alone. False: no thread could be made. */
bool ha_pool_alone(struct ha_pool *pool, struct ha_job *job);
/* Calls job->done soon in the event loop; from any thread. */
void ha_pool_post(struct ha_pool *pool, struct ha_job *job);

/*
 * The worker's connection, made if need be; NULL if libvirt refuses it. It is
 * the worker's: do not close it.
 */
virConnectPtr ha_worker_connect(struct ha_worker *worker);

#endif
