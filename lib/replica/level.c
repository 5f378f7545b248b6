/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replica/level.h"

#include "replica/rules.h"

uint32_t replica_level_of(const struct ha_replica_base *b)
{
	return b->level != 0 ? b->level : HA_LEVEL_FIRST;
}

bool replica_level_is_spoken(const struct ha_replica *r,
			     const struct ha_replica_base *b)
{
	uint32_t level = replica_level_of(b);

	return level >= r->params.level_min && level <= r->params.level;
}

/* The highest that a store of this cluster is known to have. */
static uint32_t level_in_use(const struct ha_replica *r)
{
	uint32_t level = replica_level_of(&r->cur);
	bool empty = replica_is_empty(&r->cur);

	for (ha_hostset s = r->members; s != 0;) {
		ha_hostid h = ha_hostset_pop(&s);
		const struct replica_peer *p = &r->peers[h - 1];

		if (p->heard && !p->empty &&
		    replica_level_of(&p->base) > level &&
		    (empty || replica_related(&p->base, h, &r->cur,
					      r->params.self))) {
			level = replica_level_of(&p->base);
		}
	}
	return level;
}

static bool speaks(const struct replica_peer *p, uint32_t level)
{
	return p->heard && level >= p->level_min && level <= p->level;
}

ha_hostset replica_level_fit(const struct ha_replica *r, ha_hostset hosts)
{
	uint32_t level = level_in_use(r);
	ha_hostset fit = 0;

	for (ha_hostset s = hosts & r->members; s != 0;) {
		ha_hostid h = ha_hostset_pop(&s);

		if (speaks(&r->peers[h - 1], level)) {
			fit |= ha_host_bit(h);
		}
	}
	return fit;
}

bool ha_replica_shuts_out(const struct ha_replica *r, ha_hostid host)
{
	return ha_host_in(r->members, host) && r->peers[host - 1].heard &&
	       !speaks(&r->peers[host - 1], level_in_use(r));
}

bool replica_level_shut_out(struct ha_replica *r)
{
	uint32_t level = level_in_use(r);

	if (level >= r->params.level_min && level <= r->params.level) {
		return false;
	}
	replica_why(r, "the cluster uses level %u of the protocol, hac here "
		    "speaks %u to %u -> %s hac on this host", level,
		    r->params.level_min, r->params.level,
		    level > r->params.level ? "upgrade" : "install an older");
	return true;
}

void replica_level_heard(struct ha_replica *r, ha_hostid h)
{
	const struct replica_peer *p = &r->peers[h - 1];
	uint32_t level = level_in_use(r);

	if (speaks(p, level)) {
		return;
	}
	replica_note(r, "host %u: its hac speaks level %u to %u of the "
		     "protocol, the cluster uses %u -> takes no part until "
		     "another hac is installed there", h, p->level_min,
		     p->level, level);
}

uint32_t replica_level_next(struct ha_replica *r)
{
	ha_hostset members = r->cur_epoch.members;
	uint32_t now = replica_level_of(&r->cur);
	uint32_t level = r->params.level, least = r->params.level_min;

	for (ha_hostset s = members; s != 0;) {
		const struct replica_peer *p =
			&r->peers[ha_hostset_pop(&s) - 1];

		level = p->level < level ? p->level : level;
		least = p->level_min > least ? p->level_min : least;
	}
	if (((r->cur.voters | r->configured) & ~members) != 0 ||
	    level <= now || level < least) {
		return now;
	}
	replica_note(r, "every host speaks level %u of the protocol -> it is "
		     "used from now on, no older hac can join any more", level);
	return level;
}
