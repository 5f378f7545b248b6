/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * newest.c - whose word counts, and whether the newest state is known.
 *
 * The newest state is the highest (epoch, index) of a last entry held. It is
 * known from a majority of the voters as it names them; or from half of them,
 * one of which is unbroken, or the others of which it names proven down. While
 * a change of the voters may not be committed yet, both sets must agree. A
 * store that is empty, suspect, rolled back or of another cluster id does not
 * count. hac-design(7), "Replication".
 */
#include <stdarg.h>
#include <stdio.h>

#include "replica/rules.h"

void replica_why(struct ha_replica *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(r->why, sizeof(r->why), fmt, ap); /* may be cut */
	va_end(ap);
}

/* Peers remember that it acknowledged more than it holds. An acknowledgement
 * older than the last cut was of the tail that was cut. */
bool replica_rolled_back(const struct ha_replica *r, ha_hostid h,
			 const struct replica_peer *p)
{
	uint64_t epoch = r->seen_epoch[h - 1];

	if (epoch < p->cut) {
		return false;
	}
	return p->last_epoch < epoch ||
	       (p->last_epoch == epoch &&
		p->last_index < r->seen_index[h - 1]);
}

bool replica_is_empty(const struct ha_replica_base *b)
{
	static const uint8_t none[16];

	return memcmp(b->cluster, none, sizeof(none)) == 0;
}

static bool same_cluster(const uint8_t a[16], const uint8_t b[16])
{
	return memcmp(a, b, 16) == 0;
}

static bool is_newer(const struct replica_peer *a,
		     const struct replica_peer *b)
{
	return a->last_epoch > b->last_epoch ||
	       (a->last_epoch == b->last_epoch &&
		a->last_index > b->last_index);
}

/* One cluster; or one of the two has not yet heard of the new cluster id. */
bool replica_related(const struct ha_replica_base *x, ha_hostid a,
		     const struct ha_replica_base *y, ha_hostid b)
{
	return same_cluster(x->cluster, y->cluster) ||
	       (same_cluster(x->cluster, y->cluster_before) &&
		ha_host_in(y->rest, a)) ||
	       (same_cluster(y->cluster, x->cluster_before) &&
		ha_host_in(x->rest, b));
}

/* A cluster that gave up this host by --accept-loss is here: what the host
 * holds of it from before never counts again. */
bool replica_given_up(const struct ha_replica *r, ha_hostid h,
		      const struct ha_replica_base *b)
{
	for (ha_hostset s = replica_is_empty(b) ? 0 : r->members; s != 0;) {
		const struct replica_peer *p =
			&r->peers[ha_hostset_pop(&s) - 1];

		if (p->heard && !p->empty && p->base.changed <= p->commit &&
		    same_cluster(b->cluster, p->base.cluster_before) &&
		    !ha_host_in(p->base.rest, h)) {
			return true;
		}
	}
	return false;
}

/* Those in the view who hold a store of the same cluster as `best`. */
ha_hostset replica_newest_family(const struct ha_replica *r, ha_hostid best)
{
	ha_hostset family = 0;

	for (ha_hostset s = r->members; s != 0;) {
		ha_hostid h = ha_hostset_pop(&s);
		const struct replica_peer *p = &r->peers[h - 1];

		if (p->heard && !p->empty &&
		    replica_related(&p->base, h, &r->peers[best - 1].base,
				    best)) {
			family |= ha_host_bit(h);
		}
	}
	return family;
}

/* Who holds the newest log; this host if it does, else the lowest id. */
ha_hostid replica_newest_best(const struct ha_replica *r, ha_hostset among)
{
	ha_hostid self = r->params.self;
	ha_hostid best = HA_HOST_NONE;

	if (r->peers[self - 1].heard && !r->peers[self - 1].empty) {
		among &= replica_newest_family(r, self);
	}
	if (ha_host_in(among, self) && !r->peers[self - 1].empty) {
		best = self;
	}
	while (among != 0) {
		ha_hostid h = ha_hostset_pop(&among);
		const struct replica_peer *p = &r->peers[h - 1];

		if (p->heard && !p->empty &&
		    (best == HA_HOST_NONE ||
		     is_newer(p, &r->peers[best - 1]))) {
			best = h;
		}
	}
	return best;
}

static bool any_unbroken(const struct ha_replica *r, ha_hostset set)
{
	while (set != 0) {
		if (r->peers[ha_hostset_pop(&set) - 1].unbroken) {
			return true;
		}
	}
	return false;
}

/* Is the newest state known, going by this set of voters? */
static bool ask_voters(struct ha_replica *r, ha_hostset voters,
		       ha_hostset asked, struct replica_verdict *v)
{
	const struct ha_replica_base *b = &r->peers[v->best - 1].base;
	unsigned count = ha_hostset_count(voters & v->counted);
	unsigned of = ha_hostset_count(voters);
	ha_hostset silent = voters & r->members & ~asked;

	if (2 * ha_hostset_count(voters & asked) <= of) {
		v->small = true;
	}
	if (2 * count > of) {
		return true;
	}
	if (2 * count < of) {
		replica_why(r, "the newest state is not known: %u of %u hosts "
			    "that vote have told theirs; waits for more",
			    count, of);
		return false;
	}
	if (silent != 0) {
		replica_why(r, "half of the hosts that vote have told their "
			    "state; waits for host %u, which is silent",
			    ha_hostset_first(silent));
		return false;
	}
	if ((voters & asked & ~v->counted) != 0 && (voters & ~asked) != 0) {
		/* What the lost store had promised to the absent is lost. */
		replica_why(r, "host %u lost its store, and with it what it "
			    "promised to host %u, which is not here; waits "
			    "for that",
			    ha_hostset_first(voters & asked & ~v->counted),
			    ha_hostset_first(voters & ~asked));
		return false;
	}
	if (any_unbroken(r, voters & v->counted) ||
	    (voters & ~v->counted & ~b->down) == 0) {
		return true;
	}
	replica_why(r, "the newest state is not known: only half of the %u "
		    "hosts that vote are here, none of which has run on; waits "
		    "for host %u", of,
		    ha_hostset_first(voters & ~v->counted & ~b->down));
	return false;
}

static ha_hostset find_counted(const struct ha_replica *r, ha_hostset asked,
			       ha_hostid best)
{
	ha_hostset counted = asked & replica_newest_family(r, best);

	for (ha_hostset s = counted; s != 0;) {
		ha_hostid h = ha_hostset_pop(&s);
		const struct replica_peer *p = &r->peers[h - 1];

		if (p->suspect || p->mute || replica_rolled_back(r, h, p) ||
		    replica_given_up(r, h, &p->base)) {
			counted &= ~ha_host_bit(h);
		}
	}
	return counted;
}

/* The highest commit that any of them knows of. */
static uint64_t find_commit(const struct ha_replica *r, ha_hostset among)
{
	uint64_t commit = 0;

	while (among != 0) {
		uint64_t c = r->peers[ha_hostset_pop(&among) - 1].commit;

		commit = c > commit ? c : commit;
	}
	return commit;
}

static bool ask_loss(struct ha_replica *r, const struct replica_verdict *v)
{
	const struct ha_replica_base *b = &r->peers[v->best - 1].base;
	ha_hostset voters = b->voters |
			    (b->changed > v->commit ? b->voters_before : 0);
	ha_hostset missing = voters & ~r->lost & ~v->counted;

	if ((r->lost & ~voters) != 0) {
		/* this host may hold less than another that is here */
		replica_why(r, "host %u does not vote, and is no loss",
			    ha_hostset_first(r->lost & ~voters));
		return false;
	}
	if (missing == 0) {
		return true;
	}
	replica_why(r, "host %u is neither here with its state nor named as "
		    "lost", ha_hostset_first(missing));
	return false;
}

/* What the states of `asked` tell; if not known, ha_replica_why says why. */
void replica_newest(struct ha_replica *r, ha_hostset asked,
		    struct replica_verdict *ret_verdict)
{
	struct replica_verdict *v = ret_verdict;
	const struct ha_replica_base *b;

	memset(v, 0, sizeof(*v));
	v->best = replica_newest_best(r, asked);
	if (v->best == HA_HOST_NONE) {
		replica_why(r, "no host here holds the cluster's state");
		return;
	}
	b = &r->peers[v->best - 1].base;
	v->counted = find_counted(r, asked, v->best);
	v->commit = find_commit(r, v->counted);
	if (r->lost != 0) {
		v->known = ask_loss(r, v);
		return;
	}
	v->known = ask_voters(r, b->voters, asked, v);
	if (v->known && b->changed > v->commit) {
		v->known = ask_voters(r, b->voters_before, asked, v);
	}
}
