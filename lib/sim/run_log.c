/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a run has logged, told for people: its decisions, and what led to a
 * line that did not hold. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sim/run_priv.h"

#define TOLD_MAX 60        /* lines that led there */
#define NAMES_MAX 64
#define ECHO_TIME 1.0      /* s; what another says then is the same news */
#define WHO_MAX 80

struct line {
	double at;
	const char *who;  /* not ended by a 0 byte, as text */
	size_t who_len;
	const char *text;
	size_t len;
};

/* One line as sim_log wrote it, from `pos` on; moves pos behind it. */
static bool next_line(const struct ha_buf *all, size_t *pos,
		      struct line *ret_line)
{
	const char *p = all->data ? all->data + *pos : "";
	const char *end = strchr(p, '\n');
	char *rest;

	if (!end) {
		return false;
	}
	*pos += (size_t)(end - p) + 1;
	ret_line->at = strtod(p, &rest);
	ret_line->who = rest + strspn(rest, " ");
	ret_line->who_len = strcspn(ret_line->who, " ");
	ret_line->text = ret_line->who + ret_line->who_len;
	ret_line->text += strspn(ret_line->text, " ");
	ret_line->len = (size_t)(end - ret_line->text);
	return true;
}

static bool begins(const struct line *l, const char *word)
{
	return l->len >= strlen(word) &&
	       memcmp(l->text, word, strlen(word)) == 0;
}

/* Makes something happen, and not only time pass. */
static bool acts(const struct ha_scn_step *st)
{
	return st->verb != HA_SCN_EXPECT && st->verb != HA_SCN_HOLD &&
	       st->verb != HA_SCN_MARK && st->verb != HA_SCN_WAIT;
}

/* --- decisions --- */

struct seen { /* a decision of this step */
	const char *text;
	size_t len;
	unsigned told;
	unsigned by[HA_HOSTS_MAX]; /* by id-1: how often that host said it */
};

struct step_decisions {
	struct seen *seen;    /* owned; each text once */
	size_t seen_count, seen_size;
	struct line *told;    /* owned; as they came */
	size_t told_count, told_size;
};

static void *make_room(void *list, size_t count, size_t *size, size_t bytes)
{
	if (count < *size) {
		return list;
	}
	*size = *size == 0 ? 64 : 2 * *size;
	list = realloc(list, *size * bytes);
	if (!list) {
		abort();
	}
	return list;
}

static struct seen *find_seen(struct step_decisions *d, const struct line *l)
{
	for (size_t i = 0; i < d->seen_count; i++) {
		if (d->seen[i].len == l->len &&
		    memcmp(d->seen[i].text, l->text, l->len) == 0) {
			return &d->seen[i];
		}
	}
	d->seen = make_room(d->seen, d->seen_count, &d->seen_size,
			    sizeof(*d->seen));
	d->seen[d->seen_count] = (struct seen){ .text = l->text,
						.len = l->len };
	return &d->seen[d->seen_count++];
}

/* Who proposes an epoch first is chance; who coordinates it is not. */
static bool is_decision(const struct line *l)
{
	return !begins(l, "world: ") && !begins(l, "replica: ") &&
	       (begins(l, "alert ") || begins(l, "answer: refused") ||
		memmem(l->text, l->len, " -> ", 4) != NULL);
}

static ha_hostid host_of(const struct sim_run *r, const struct line *l)
{
	char name[WHO_MAX];

	snprintf(name, sizeof(name), "%.*s", (int)l->who_len, l->who);
	return run_host(r, name);
}

/* Told by one host, it is told again only if one host says it again. */
static void take_decision(const struct sim_run *r, struct step_decisions *d,
			  const struct line *l)
{
	ha_hostid h = is_decision(l) ? host_of(r, l) : HA_HOST_NONE;
	struct seen *seen;

	if (h == HA_HOST_NONE) {
		return;
	}
	seen = find_seen(d, l);
	if (++seen->by[h - 1] > seen->told) {
		seen->told++;
		d->told = make_room(d->told, d->told_count, &d->told_size,
				    sizeof(*d->told));
		d->told[d->told_count++] = *l;
	}
}

static size_t object_len(const struct line *l)
{
	const char *end = memchr(l->text, ':', l->len);

	return end ? (size_t)(end - l->text) : l->len;
}

static bool is_before(const struct line *a, const struct line *b)
{
	size_t la = object_len(a), lb = object_len(b);
	int by = memcmp(a->text, b->text, la < lb ? la : lb);

	return by < 0 || (by == 0 && la < lb);
}

/* By object, and those of one object as they came: what is decided of two at
 * the same time comes in an order that chance makes. */
static void tell_decisions(struct step_decisions *d, struct ha_buf *out)
{
	for (size_t i = 1; i < d->told_count; i++) {
		struct line l = d->told[i];
		size_t at = i;

		for (; at > 0 && is_before(&l, &d->told[at - 1]); at--) {
			d->told[at] = d->told[at - 1];
		}
		d->told[at] = l;
	}
	for (size_t i = 0; i < d->told_count; i++) {
		ha_buf_printf(out, "    %.*s\n", (int)d->told[i].len,
			      d->told[i].text);
	}
	d->seen_count = d->told_count = 0;
}

void run_tell_decisions(const struct sim_run *r, struct ha_buf *out)
{
	struct step_decisions d = { 0 };
	struct line l;
	size_t pos = 0, step = 0;

	for (bool more = true; more;) {
		size_t from = pos;

		more = next_line(&r->sim->log.all, &pos, &l);
		for (; step < r->done && r->begun[step].log <= from;
		     step++) {
			if (acts(&r->sc->steps[step])) {
				tell_decisions(&d, out);
				ha_buf_printf(out, "%s\n",
					      r->sc->steps[step].text);
			}
		}
		if (more) {
			take_decision(r, &d, &l);
		}
	}
	tell_decisions(&d, out);
	free(d.seen);
	free(d.told);
}

/* --- what led there --- */

struct told {
	struct line line;      /* who NULL: a step of the story begins */
	char who[WHO_MAX];
};

struct told_list {
	struct told ring[TOLD_MAX];
	size_t count;          /* all, also those that fell out */
};

static bool is_part_of_name(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.';
}

static bool mentions(const char *text, size_t len, const char *name)
{
	size_t n = strlen(name);
	const char *end = text + len;

	for (const char *p = text; (p = memmem(p, (size_t)(end - p), name, n));
	     p++) {
		if ((p == text || !is_part_of_name(p[-1])) &&
		    (p + n == end || !is_part_of_name(p[n]))) {
			return true;
		}
	}
	return false;
}

static size_t find_names(const struct sim_run *r, const char *text,
			 const char *other, const char **names)
{
	size_t count = 0;

	for (uint32_t i = 0; i < r->sim->vm_count + r->sim->host_max; i++) {
		const char *name = i < r->sim->vm_count ? r->sim->vms[i].name
			: r->sim->hosts[i - r->sim->vm_count].name;

		if (name && count < NAMES_MAX &&
		    (mentions(text, strlen(text), name) ||
		     mentions(other, strlen(other), name))) {
			names[count++] = name;
		}
	}
	return count;
}

/* About a VM that is none of these, while one of them is a VM. */
static bool is_of_other_vm(const struct sim_run *r, const struct line *l,
			   const char **names, size_t count)
{
	bool vms = false;

	for (size_t i = 0; i < count; i++) {
		vms = vms || run_vm(r, names[i]) != UINT32_MAX;
	}
	if (!vms || !(begins(l, "vm ") || begins(l, "world: vm "))) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		if (run_vm(r, names[i]) != UINT32_MAX &&
		    mentions(l->text, l->len, names[i])) {
			return false;
		}
	}
	return true;
}

static bool is_about(const struct line *l, const char **names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bool own = strlen(names[i]) == l->who_len &&
			   memcmp(names[i], l->who, l->who_len) == 0;

		if (mentions(l->text, l->len, names[i]) ||
		    (own && (begins(l, "world: ") || begins(l, "admin") ||
			     begins(l, "answer: ") || begins(l, "epoch ")))) {
			return true;
		}
	}
	return l->who_len == 1 && l->who[0] == '*';
}

static void add_told(struct told_list *t, const struct line *l)
{
	struct told *at = &t->ring[t->count++ % TOLD_MAX];

	at->line = *l;
	snprintf(at->who, sizeof(at->who), "%.*s", (int)l->who_len,
		 l->who ? l->who : "");
}

/* True: another host said just this a moment ago, and is joined to it. */
static bool is_echo(struct told_list *t, const struct line *l)
{
	size_t kept = t->count < TOLD_MAX ? t->count : TOLD_MAX;

	for (size_t i = 1; i <= kept; i++) {
		struct told *at = &t->ring[(t->count - i) % TOLD_MAX];
		size_t len = strlen(at->who);

		if (!at->line.who || at->line.at < l->at - ECHO_TIME) {
			return false;
		}
		if (at->line.len == l->len &&
		    memcmp(at->line.text, l->text, l->len) == 0 &&
		    len + l->who_len + 2 < WHO_MAX) {
			snprintf(at->who + len, sizeof(at->who) - len, ",%.*s",
				 (int)l->who_len, l->who);
			return true;
		}
	}
	return false;
}

static void begin_steps(const struct sim_run *r, struct told_list *t,
			size_t from, size_t *step)
{
	while (r->begun && *step < r->done && r->begun[*step].log <= from) {
		const struct ha_scn_step *st = &r->sc->steps[*step];
		struct line l = { .at = (double)r->begun[*step].at / 1e6,
				  .text = st->text, .len = strlen(st->text) };

		if (acts(st) || *step + 1 == r->done) {
			add_told(t, &l);
		}
		++*step;
	}
}

static void print_told(const struct told_list *t, struct ha_buf *out)
{
	size_t kept = t->count < TOLD_MAX ? t->count : TOLD_MAX;

	if (kept < t->count) {
		ha_buf_printf(out, "      (%zu lines before; --log has all)\n",
			      t->count - kept);
	}
	for (size_t i = t->count - kept; i < t->count; i++) {
		const struct told *at = &t->ring[i % TOLD_MAX];

		if (!at->line.who) {
			ha_buf_printf(out, "    %10.3f s  == %.*s\n",
				      at->line.at, (int)at->line.len,
				      at->line.text);
		} else {
			ha_buf_printf(out, "    %10.3f s  %-8s %.*s\n",
				      at->line.at, at->who, (int)at->line.len,
				      at->line.text);
		}
	}
}

void run_tell_about(const struct sim_run *r, const char *text,
		    const char *other_text, struct ha_buf *out)
{
	const char *names[NAMES_MAX];
	size_t count = find_names(r, text, other_text, names);
	struct told_list *t = sim_alloc(sizeof(*t));
	struct line l;
	size_t pos = 0, step = 0;

	for (bool more = true; more;) {
		size_t from = pos;

		more = next_line(&r->sim->log.all, &pos, &l);
		begin_steps(r, t, from, &step);
		if (more && (count == 0 || is_about(&l, names, count)) &&
		    !is_of_other_vm(r, &l, names, count) && !is_echo(t, &l)) {
			add_told(t, &l);
		}
	}
	ha_buf_puts(out, "    what led there");
	for (size_t i = 0; i < count; i++) {
		ha_buf_printf(out, "%s%s", i == 0 ? ", about " : ", ",
			      names[i]);
	}
	ha_buf_puts(out, ":\n");
	print_told(t, out);
	free(t);
}
