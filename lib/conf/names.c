/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/names.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void ha_names_init(struct ha_names *n, size_t max)
{
	n->list = calloc(max > 0 ? max : 1, sizeof(*n->list));
	n->count = 0;
	n->failed = n->list == NULL;
}

void ha_names_add(struct ha_names *n, const char *text, size_t index,
		  bool group)
{
	if (text && !n->failed) {
		n->list[n->count++] = (struct ha_name){
			text, (uint32_t)index, group, 0
		};
	}
}

static int compare_names(const void *a, const void *b)
{
	const struct ha_name *x = a, *y = b;
	int cmp = strcmp(x->text, y->text);

	if (cmp != 0) {
		return cmp;
	}
	if (x->group != y->group) {
		return x->group ? 1 : -1;
	}
	return x->index < y->index ? -1 : x->index > y->index;
}

void ha_names_sort(struct ha_names *n)
{
	qsort(n->list, n->count, sizeof(*n->list), compare_names);
}

/* As strcmp of the name and the word. */
static int compare_word(const char *name, const char *word, size_t len)
{
	int cmp = strncmp(name, word, len);

	return cmp != 0 ? cmp : name[len] != '\0';
}

const struct ha_name *ha_names_find(const struct ha_names *n, const char *text,
				    size_t len)
{
	size_t low = 0, high = n->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare_word(n->list[mid].text, text, len) < 0) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low < n->count &&
	       compare_word(n->list[low].text, text, len) == 0
		       ? &n->list[low] : NULL;
}

void ha_names_fini(struct ha_names *n)
{
	free(n->list);
	n->list = NULL;
}

bool ha_word_next(const char **word, size_t *ret_len)
{
	if (!*word) {
		return false;
	}
	*word += **word == ' ';
	*ret_len = strcspn(*word, " ");
	return *ret_len > 0;
}
