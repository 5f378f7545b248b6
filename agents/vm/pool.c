/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pool.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "memory.h"
#include "virt.h"

#define STACK_BYTES (256u << 10)
#define IDLE_SECONDS 20

struct job_list {
	struct ha_job *first;
	struct ha_job *last;
};

struct ha_pool {
	const char *uri;
	pthread_attr_t attr;
	int wake; /* eventfd: something is in `ended` */

	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t work;
	struct job_list waiting;
	size_t waiting_count;
	struct job_list ended;
	unsigned threads;
	unsigned idle;
};

struct ha_worker {
	struct ha_pool *pool;
	virConnectPtr conn;
};

struct lone {
	struct ha_pool *pool;
	struct ha_job *job;
};

static void push_job(struct job_list *list, struct ha_job *job)
{
	job->next = NULL;
	if (list->last) {
		list->last->next = job;
	} else {
		list->first = job;
	}
	list->last = job;
}

static struct ha_job *pop_job(struct job_list *list)
{
	struct ha_job *job = list->first;

	assert(job);
	list->first = job->next;
	if (!list->first) {
		list->last = NULL;
	}
	return job;
}

void ha_pool_post(struct ha_pool *pool, struct ha_job *job)
{
	const uint64_t one = 1;

	pthread_mutex_lock(&pool->lock);
	push_job(&pool->ended, job);
	pthread_mutex_unlock(&pool->lock);
	/* It can fail only if 2^64 wake-ups are pending. */
	(void)!write(pool->wake, &one, sizeof(one));
}

static void finish_jobs(int watch, int fd, int events, void *opaque)
{
	struct ha_pool *pool = opaque;
	struct ha_job *job;
	uint64_t count;

	(void)watch;
	(void)events;
	(void)!read(fd, &count, sizeof(count));
	pthread_mutex_lock(&pool->lock);
	job = pool->ended.first;
	pool->ended = (struct job_list){ 0 };
	pthread_mutex_unlock(&pool->lock);
	while (job) {
		struct ha_job *next = job->next;

		job->done(job);
		job = next;
	}
}

virConnectPtr ha_worker_connect(struct ha_worker *worker)
{
	if (worker->conn && virConnectIsAlive(worker->conn) != 1) {
		virConnectClose(worker->conn);
		worker->conn = NULL;
	}
	if (!worker->conn) {
		worker->conn = ha_virt_open(worker->pool->uri);
	}
	return worker->conn;
}

/*
 * Waits for work, lock held. False: idle for long and not the last one, or
 * the memory of a burst can go.
 */
static bool await_work(struct ha_pool *pool)
{
	struct timespec until;
	int rc = 0;

	if (pool->waiting.first) {
		return true;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += IDLE_SECONDS;
	pool->idle++;
	while (!pool->waiting.first && rc == 0) {
		rc = pthread_cond_timedwait(&pool->work, &pool->lock, &until);
		if (rc == ETIMEDOUT && pool->threads == 1) {
			rc = pthread_cond_wait(&pool->work, &pool->lock);
		}
	}
	pool->idle--;
	return pool->waiting.first != NULL;
}

static void *run_worker(void *opaque)
{
	struct ha_worker worker = { .pool = opaque };
	struct ha_pool *pool = opaque;
	bool last;

	pthread_mutex_lock(&pool->lock);
	while (await_work(pool)) {
		struct ha_job *job = pop_job(&pool->waiting);

		pool->waiting_count--;
		pthread_mutex_unlock(&pool->lock);
		job->run(job, &worker);
		ha_pool_post(pool, job);
		pthread_mutex_lock(&pool->lock);
	}
	pool->threads--;
	last = pool->threads <= 1;
	pthread_mutex_unlock(&pool->lock);
	if (worker.conn) {
		virConnectClose(worker.conn);
	}
	if (last) { /* of a burst, but for the one that stays */
		ha_memory_trim();
	}
	return NULL;
}

static void *run_lone(void *opaque)
{
	struct lone lone = *(struct lone *)opaque;

	free(opaque);
	lone.job->run(lone.job, NULL);
	ha_pool_post(lone.pool, lone.job);
	return NULL;
}

static bool start_thread(struct ha_pool *pool, void *(*main)(void *), void *arg)
{
	pthread_t thread;
	int rc = pthread_create(&thread, &pool->attr, main, arg);

	if (rc != 0) {
		ha_log(HA_LOG_ERR, "cannot start a thread: %s; operations wait",
		       strerrordesc_np(rc));
	}
	return rc == 0;
}

/* Threads already woken have not yet taken their job: count jobs, not idle. */
void ha_pool_submit(struct ha_pool *pool, struct ha_job *job)
{
	bool more;

	pthread_mutex_lock(&pool->lock);
	push_job(&pool->waiting, job);
	pool->waiting_count++;
	more = pool->waiting_count > pool->idle &&
		pool->threads < HA_POOL_THREADS_MAX;
	if (more) {
		pool->threads++;
	}
	pthread_cond_signal(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	if (more && !start_thread(pool, run_worker, pool)) {
		pthread_mutex_lock(&pool->lock);
		pool->threads--;
		pthread_mutex_unlock(&pool->lock);
	}
}

bool ha_pool_alone(struct ha_pool *pool, struct ha_job *job)
{
	struct lone *lone = malloc(sizeof(*lone));

	if (!lone) {
		return false;
	}
	*lone = (struct lone){ pool, job };
	if (!start_thread(pool, run_lone, lone)) {
		free(lone);
		return false;
	}
	return true;
}

struct ha_pool *ha_pool_create(const char *uri)
{
	struct ha_pool *pool = calloc(1, sizeof(*pool));
	pthread_condattr_t clock;

	if (!pool) {
		return NULL;
	}
	pool->uri = uri;
	pool->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (pool->wake < 0) {
		free(pool);
		return NULL;
	}
	pthread_attr_init(&pool->attr);
	pthread_attr_setstacksize(&pool->attr, STACK_BYTES);
	pthread_attr_setdetachstate(&pool->attr, PTHREAD_CREATE_DETACHED);
	pthread_mutex_init(&pool->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&pool->work, &clock);
	pthread_condattr_destroy(&clock);
	if (virEventAddHandle(pool->wake, VIR_EVENT_HANDLE_READABLE, finish_jobs,
			      pool, NULL) < 0) {
		close(pool->wake);
		free(pool);
		return NULL;
	}
	return pool;
}
