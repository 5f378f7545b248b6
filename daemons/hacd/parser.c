/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "parser.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "conf/conf.h"

struct parser {
	qb_loop_t *loop;
	parser_done_fn done;
	void *arg;
	int fd;                  /* the thread is through with its job */
	bool running;
	pthread_t thread;
	struct parser_job *jobs; /* the first is the thread's, if it runs */
};

static void free_job(struct parser_job *job)
{
	ha_conf_free(job->config);
	ha_buf_fini(&job->text);
	ha_buf_fini(&job->masked);
	ha_buf_fini(&job->why);
	free(job);
}

static void parse(struct parser_job *job)
{
	struct ha_conf_errors errors = { 0 };

	job->code = ha_conf_parse(job->text.data, job->text.len, &errors,
				  &job->config);
	if (job->code != 0) {
		ha_conf_errors_print(&errors, NULL, &job->why);
	} else {
		job->code = ha_conf_mask(job->text.data, job->text.len,
					 &job->masked);
	}
	ha_conf_errors_fini(&errors);
}

static void *work(void *arg)
{
	struct parser *p = arg;

	parse(p->jobs);
	(void)eventfd_write(p->fd, 1); /* cannot fail: it counts to 1 */
	return NULL;
}

/* Without a thread it is done here and now: late is better than never. */
static void start(struct parser *p)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old); /* signals are the loop's */
	p->running = pthread_create(&p->thread, NULL, work, p) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!p->running) {
		ha_log(HA_LOG_WARNING, "no thread can be started: hacd reads a "
		       "configuration itself, and may be late");
		(void)work(p);
	}
}

static int on_done(int32_t fd, int32_t revents, void *arg)
{
	struct parser *p = arg;
	struct parser_job *job = p->jobs;
	eventfd_t count;

	(void)revents;
	if (eventfd_read(fd, &count) != 0 || !job) {
		return 0;
	}
	if (p->running) {
		pthread_join(p->thread, NULL);
		p->running = false;
	}
	p->jobs = job->next;
	if (p->jobs) {
		start(p);
	}
	p->done(job, p->arg);
	free_job(job);
	return 0;
}

struct parser *parser_create(qb_loop_t *loop, parser_done_fn done, void *arg)
{
	struct parser *p = calloc(1, sizeof(*p));

	if (!p) {
		return NULL;
	}
	p->loop = loop;
	p->done = done;
	p->arg = arg;
	p->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (p->fd < 0 || qb_loop_poll_add(loop, QB_LOOP_MED, p->fd, POLLIN, p,
					  on_done) != 0) {
		if (p->fd >= 0) {
			close(p->fd);
		}
		free(p);
		return NULL;
	}
	return p;
}

int parser_add(struct parser *p, const struct ha_hash *hash, const void *text,
	       size_t len)
{
	struct parser_job *job = calloc(1, sizeof(*job)), **at = &p->jobs;

	if (!job) {
		return HA_E_NO_MEMORY;
	}
	job->hash = *hash;
	ha_buf_append(&job->text, text, len);
	if (job->text.failed) {
		free_job(job);
		return HA_E_NO_MEMORY;
	}
	while (*at) {
		at = &(*at)->next;
	}
	*at = job;
	if (job == p->jobs) {
		start(p);
	}
	return 0;
}

void parser_destroy(struct parser *p)
{
	if (!p) {
		return;
	}
	qb_loop_poll_del(p->loop, p->fd);
	if (p->running) {
		pthread_join(p->thread, NULL);
	}
	while (p->jobs) {
		struct parser_job *job = p->jobs;

		p->jobs = job->next;
		free_job(job);
	}
	close(p->fd);
	free(p);
}
