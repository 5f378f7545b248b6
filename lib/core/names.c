/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of the core's tables, in one place. */
#include "core/broken.h"
#include "core/view.h"

#define NAME(id, name, text) name,
#define TEXT(id, name, text) text,

static const char *pick(const char *const *table, size_t count, size_t i)
{
	return i < count && table[i] ? table[i] : "?";
}

#define PICK(table, i) pick(table, sizeof(table) / sizeof((table)[0]), (size_t)(i))

const char *ha_fact_name(enum ha_fact_kind k)
{
	static const char *const names[] = { "none", HA_FACT_LIST(NAME) };

	return PICK(names, k);
}

const char *ha_proof_name(enum ha_proof p)
{
	static const char *const names[] = { "none", HA_PROOF_LIST(NAME) };

	return PICK(names, p);
}

const char *ha_proof_text(enum ha_proof p)
{
	static const char *const texts[] = { "none", HA_PROOF_LIST(TEXT) };

	return PICK(texts, p);
}

const char *ha_why_name(enum ha_why w)
{
	static const char *const names[] = { "none", HA_WHY_LIST(NAME) };

	return PICK(names, w);
}

const char *ha_why_text(enum ha_why w)
{
	static const char *const texts[] = { "none", HA_WHY_LIST(TEXT) };

	return PICK(texts, w);
}

const char *ha_command_name(enum ha_verb v)
{
	static const char *const names[] = { "none", HA_COMMAND_LIST(NAME) };

	return PICK(names, v);
}

const char *ha_host_shown_name(enum ha_host_shown s)
{
	static const char *const names[] = { HA_HOST_SHOWN_LIST(NAME) };

	return PICK(names, s);
}

const char *ha_host_shown_text(enum ha_host_shown s)
{
	static const char *const texts[] = { HA_HOST_SHOWN_LIST(TEXT) };

	return PICK(texts, s);
}

const char *ha_vm_shown_name(enum ha_vm_shown s)
{
	static const char *const names[] = { HA_VM_SHOWN_LIST(NAME) };

	return PICK(names, s);
}

const char *ha_vm_shown_text(enum ha_vm_shown s)
{
	static const char *const texts[] = { HA_VM_SHOWN_LIST(TEXT) };

	return PICK(texts, s);
}

const char *ha_mend_name(enum ha_mend m)
{
	static const char *const names[] = { HA_MEND_LIST(NAME) };

	return PICK(names, m);
}

const char *ha_mend_text(enum ha_mend m)
{
	static const char *const texts[] = { HA_MEND_LIST(TEXT) };

	return PICK(texts, m);
}
