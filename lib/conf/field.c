/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/field.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "base/uuid.h"

#define BLANKS " \t\r\n"
#define DAY_MIN (24u * 60)

typedef struct ha_window windows[HA_WINDOWS_MAX];

struct unit {
	const char *name;
	int64_t factor;
};

static const struct unit time_units[] = {
	{ "ms", 1000 },       { "s", 1000000 },      { "min", 60000000 },
	{ "h", 3600000000 },  { NULL, 0 },
};

static const struct unit size_units[] = {
	{ "KiB", 1 },             { "MiB", 1 << 10 },
	{ "GiB", 1 << 20 },       { "TiB", (int64_t)1 << 30 },
	{ NULL, 0 },
};

static const struct unit frequency_units[] = { { "MHz", 1 }, { "GHz", 1000 },
						{ NULL, 0 } };
static const struct unit percent_units[] = { { "%", 1 }, { NULL, 0 } };
static const struct unit no_units[] = { { "", 1 }, { NULL, 0 } };

static const struct unit *units_of(enum ha_field_kind kind)
{
	switch (kind) {
	case HA_FIELD_DURATION:
		return time_units;
	case HA_FIELD_SIZE:
		return size_units;
	case HA_FIELD_FREQUENCY:
		return frequency_units;
	case HA_FIELD_PERCENT:
		return percent_units;
	case HA_FIELD_COUNT:
	case HA_FIELD_TEXT:
	case HA_FIELD_WORD:
	case HA_FIELD_YESNO:
	case HA_FIELD_NAMES:
	case HA_FIELD_WINDOWS:
	case HA_FIELD_UUID:
		break;
	}
	return no_units;
}

/* Digits and a unit, nothing else. */
static bool parse_number(const char *text, const struct unit *units,
			 int64_t *ret_n)
{
	int64_t n = 0;
	const char *p = text;

	for (; *p >= '0' && *p <= '9'; p++) {
		if (n > (INT64_MAX - 9) / 10) {
			return false;
		}
		n = n * 10 + (*p - '0');
	}
	if (p == text) {
		return false;
	}
	for (; units->name; units++) {
		if (strcmp(p, units->name) == 0) {
			return !__builtin_mul_overflow(n, units->factor,
						       ret_n);
		}
	}
	return false;
}

/* The largest unit that leaves no rest; seconds stay seconds, as people write
 * them. */
static void print_number(int64_t n, const struct unit *units,
			 struct ha_buf *out)
{
	const struct unit *u = units;

	while (n != 0 && u[1].name && n % u[1].factor == 0 &&
	       !(units == time_units && u == &time_units[1])) {
		u++;
	}
	if (n == 0 && units == time_units) {
		u = &time_units[1];
	}
	ha_buf_printf(out, "%" PRId64 "%s", n / u->factor, u->name);
}

static void *member(void *object, const struct ha_field *f)
{
	return (char *)object + f->offset;
}

static const void *const_member(const void *object, const struct ha_field *f)
{
	return (const char *)object + f->offset;
}

const struct ha_field *ha_field_find(const struct ha_field_table *t,
				     const char *name, size_t *ret_index)
{
	for (size_t i = 0; i < t->count; i++) {
		if (strcmp(t->fields[i].name, name) == 0) {
			*ret_index = i;
			return &t->fields[i];
		}
	}
	return NULL;
}

bool ha_field_is_given(const struct ha_field_table *t, size_t index,
		       const void *object)
{
	const uint32_t *given =
		(const void *)((const char *)object + t->given);

	return (*given >> (t->first_bit + index)) & 1;
}

void ha_field_set_given(const struct ha_field_table *t, size_t index,
			void *object)
{
	uint32_t *given = (void *)((char *)object + t->given);

	*given |= (uint32_t)1 << (t->first_bit + index);
}

static void store_number(const struct ha_field *f, int64_t n, void *object)
{
	void *p = member(object, f);

	if (f->kind == HA_FIELD_DURATION) {
		*(ha_dur *)p = n;
	} else if (f->kind == HA_FIELD_SIZE) {
		*(uint64_t *)p = (uint64_t)n;
	} else {
		*(uint32_t *)p = (uint32_t)n;
	}
}

static int64_t load_number(const struct ha_field *f, const void *object)
{
	const void *p = const_member(object, f);

	if (f->kind == HA_FIELD_DURATION) {
		return *(const ha_dur *)p;
	}
	if (f->kind == HA_FIELD_SIZE) {
		return (int64_t)*(const uint64_t *)p;
	}
	return *(const uint32_t *)p;
}

static bool parse_number_field(const struct ha_field *f, const char *text,
			       void *object)
{
	int64_t n;

	if (f->zero && strcmp(text, f->zero) == 0) {
		store_number(f, 0, object);
		return true;
	}
	if (!parse_number(text, units_of(f->kind), &n) || n < f->min ||
	    n > f->max) {
		return false;
	}
	store_number(f, n, object);
	return true;
}

static bool parse_word(const struct ha_field *f, const char *text,
		       void *object)
{
	for (int i = 0; f->words[i]; i++) {
		if (strcmp(f->words[i], text) == 0) {
			*(int *)member(object, f) = i;
			return true;
		}
	}
	return false;
}

/* Enums of the model are stored by their int. */
static_assert(sizeof(enum ha_priority) == sizeof(int), "enum size");
static_assert(sizeof(enum ha_wanted) == sizeof(int), "enum size");

/* One blank between two, none at the ends. */
static bool parse_names(const char *text, struct ha_arena *arena,
			const char **ret_names)
{
	char *copy = ha_arena_text(arena, text, strlen(text));
	size_t n = 0;

	for (size_t i = 0; copy && text[i]; i++) {
		bool blank = strchr(BLANKS, text[i]) != NULL;

		if (!blank) {
			copy[n++] = text[i];
		} else if (n > 0 && copy[n - 1] != ' ') {
			copy[n++] = ' ';
		}
	}
	if (copy) {
		copy[n > 0 && copy[n - 1] == ' ' ? n - 1 : n] = '\0';
	}
	*ret_names = copy;
	return n > 0 || !copy;
}

/* "HH:MM", up to 24:00. */
static bool parse_time_of_day(const char *s, uint32_t *ret_min)
{
	uint32_t hour, min;

	for (int i = 0; i < 5; i++) {
		if (i == 2 ? s[i] != ':' : s[i] < '0' || s[i] > '9') {
			return false;
		}
	}
	hour = (uint32_t)(s[0] - '0') * 10 + (uint32_t)(s[1] - '0');
	min = (uint32_t)(s[3] - '0') * 10 + (uint32_t)(s[4] - '0');
	*ret_min = hour * 60 + min;
	return min < 60 && *ret_min <= DAY_MIN;
}

static bool parse_windows(const char *text, struct ha_window *ret)
{
	windows w = { { 0, 0 } };
	size_t n = 0;

	/* what is wrong is there all the same: no check is to miss it */
	ret[0] = (struct ha_window){ 0, DAY_MIN };
	for (const char *p = text + strspn(text, BLANKS); *p; n++) {
		if (n == HA_WINDOWS_MAX ||
		    !parse_time_of_day(p, &w[n].begin_min) || p[5] != '-' ||
		    !parse_time_of_day(p + 6, &w[n].end_min) ||
		    w[n].end_min <= w[n].begin_min) {
			return false;
		}
		p += 11;
		if (*p && !strchr(BLANKS, *p)) {
			return false;
		}
		p += strspn(p, BLANKS);
	}
	memcpy(ret, w, sizeof(w));
	return n > 0;
}

static void print_windows(const struct ha_window *w, struct ha_buf *out)
{
	for (int i = 0; i < HA_WINDOWS_MAX && w[i].end_min > 0; i++) {
		ha_buf_printf(out, "%s%02u:%02u-%02u:%02u", i > 0 ? " " : "",
			      w[i].begin_min / 60, w[i].begin_min % 60,
			      w[i].end_min / 60, w[i].end_min % 60);
	}
}

bool ha_field_parse(const struct ha_field *f, const char *text,
		    struct ha_arena *arena, void *object)
{
	switch (f->kind) {
	case HA_FIELD_TEXT:
		*(const char **)member(object, f) =
			ha_arena_text(arena, text, strlen(text));
		return text[0] != '\0';
	case HA_FIELD_WORD:
		return parse_word(f, text, object);
	case HA_FIELD_YESNO:
		*(bool *)member(object, f) = strcmp(text, "yes") == 0;
		return strcmp(text, "yes") == 0 || strcmp(text, "no") == 0;
	case HA_FIELD_UUID:
		return ha_uuid_parse(text, member(object, f));
	case HA_FIELD_NAMES:
		return parse_names(text, arena, member(object, f));
	case HA_FIELD_WINDOWS:
		return parse_windows(text, member(object, f));
	case HA_FIELD_DURATION:
	case HA_FIELD_SIZE:
	case HA_FIELD_FREQUENCY:
	case HA_FIELD_COUNT:
	case HA_FIELD_PERCENT:
		break;
	}
	return parse_number_field(f, text, object);
}

void ha_field_print(const struct ha_field *f, const void *object,
		    struct ha_buf *out)
{
	const void *p = const_member(object, f);
	char uuid[37];
	int64_t n;

	switch (f->kind) {
	case HA_FIELD_TEXT:
	case HA_FIELD_NAMES:
		ha_buf_puts(out, *(const char *const *)p
					 ? *(const char *const *)p
					 : "");
		return;
	case HA_FIELD_WORD:
		ha_buf_puts(out, f->words[*(const int *)p]);
		return;
	case HA_FIELD_YESNO:
		ha_buf_puts(out, *(const bool *)p ? "yes" : "no");
		return;
	case HA_FIELD_UUID:
		ha_uuid_print(p, uuid);
		ha_buf_puts(out, uuid);
		return;
	case HA_FIELD_WINDOWS:
		print_windows(p, out);
		return;
	case HA_FIELD_DURATION:
	case HA_FIELD_SIZE:
	case HA_FIELD_FREQUENCY:
	case HA_FIELD_COUNT:
	case HA_FIELD_PERCENT:
		break;
	}
	n = load_number(f, object);
	if (n == 0 && f->zero) {
		ha_buf_puts(out, f->zero);
	} else {
		print_number(n, units_of(f->kind), out);
	}
}

static bool is_equal_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool ha_field_equal(const struct ha_field *f, const void *a, const void *b)
{
	const void *x = const_member(a, f), *y = const_member(b, f);

	switch (f->kind) {
	case HA_FIELD_TEXT:
	case HA_FIELD_NAMES:
		return is_equal_text(*(const char *const *)x,
				     *(const char *const *)y);
	case HA_FIELD_WORD:
		return *(const int *)x == *(const int *)y;
	case HA_FIELD_YESNO:
		return *(const bool *)x == *(const bool *)y;
	case HA_FIELD_UUID:
		return ha_uuid_cmp(x, y) == 0;
	case HA_FIELD_WINDOWS:
		return memcmp(x, y, sizeof(windows)) == 0;
	case HA_FIELD_DURATION:
	case HA_FIELD_SIZE:
	case HA_FIELD_FREQUENCY:
	case HA_FIELD_COUNT:
	case HA_FIELD_PERCENT:
		break;
	}
	return load_number(f, a) == load_number(f, b);
}

static void expect_number(const struct ha_field *f, const char *what,
			  struct ha_buf *out)
{
	if (f->zero) {
		ha_buf_printf(out, "'%s' or ", f->zero);
	}
	ha_buf_printf(out, "%s from ", what);
	print_number(f->min, units_of(f->kind), out);
	ha_buf_puts(out, " to ");
	print_number(f->max, units_of(f->kind), out);
}

void ha_field_expect(const struct ha_field *f, struct ha_buf *out)
{
	switch (f->kind) {
	case HA_FIELD_TEXT:
		ha_buf_puts(out, "a text that is not empty");
		return;
	case HA_FIELD_WORD:
		ha_buf_puts(out, "one of");
		for (int i = 0; f->words[i]; i++) {
			ha_buf_printf(out, "%s %s", i > 0 ? "," : "",
				      f->words[i]);
		}
		return;
	case HA_FIELD_YESNO:
		ha_buf_puts(out, "yes or no");
		return;
	case HA_FIELD_UUID:
		ha_buf_puts(out, "a UUID, as 'uuidgen' prints it");
		return;
	case HA_FIELD_DURATION:
		expect_number(f, "a duration with its unit (ms, s, min, h)",
			      out);
		return;
	case HA_FIELD_SIZE:
		expect_number(f, "a size with its unit (KiB, MiB, GiB, TiB)",
			      out);
		return;
	case HA_FIELD_FREQUENCY:
		expect_number(f, "a frequency with its unit (MHz, GHz)", out);
		return;
	case HA_FIELD_COUNT:
		expect_number(f, "a number", out);
		return;
	case HA_FIELD_PERCENT:
		expect_number(f, "a percentage", out);
		return;
	case HA_FIELD_NAMES:
		ha_buf_puts(out, "a list of names with blanks between them");
		return;
	case HA_FIELD_WINDOWS:
		ha_buf_puts(out, "a time of day such as 01:00-05:30 that ends "
			    "after it begins, or two of them, such as "
			    "\"22:00-24:00 00:00-05:30\" for one night");
		return;
	}
}

void ha_field_set_defaults(const struct ha_field_table *t,
			   struct ha_arena *arena, void *object)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct ha_field *f = &t->fields[i];
		bool ok = !f->standard ||
			  ha_field_parse(f, f->standard, arena, object);

		assert(ok);
		(void)ok; /* our own table: only an assertion looks at it */
	}
}
