/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scenario from anybody: refused with a word for each wrong line, or read;
 * what was read as a condition must say the same when it is written and read
 * again.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "sim/scenario.h"

static void try_again(const struct ha_scn_cond *cond)
{
	struct ha_buf text = { 0 }, error = { 0 }, first = { 0 }, again = { 0 };
	struct ha_scenario sc;

	ha_scn_cond_print(cond, &first);
	ha_buf_printf(&text, "cluster c.xml\nexpect %s\n", first.data);
	if (ha_scenario_parse("f", text.data, &sc, &error) != 0) {
		abort();
	}
	ha_scn_cond_print(&sc.steps[0].cond, &again);
	if (strcmp(first.data, again.data) != 0) {
		abort();
	}
	ha_scenario_fini(&sc);
	ha_buf_fini(&text);
	ha_buf_fini(&error);
	ha_buf_fini(&first);
	ha_buf_fini(&again);
}

static void use(const struct ha_scenario *sc)
{
	if (sc->step_count == 0 || !sc->title) {
		abort();
	}
	for (size_t i = 0; i < sc->step_count; i++) {
		const struct ha_scn_step *s = &sc->steps[i];

		if (!s->text || s->verb >= HA_SCN_VERB_COUNT || s->time < 0) {
			abort();
		}
		if (s->verb == HA_SCN_EXPECT || s->verb == HA_SCN_HOLD) {
			try_again(&s->cond);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ha_scenario sc;
	struct ha_buf error = { 0 };
	char *text = malloc(size + 1);

	if (!text) {
		return 0;
	}
	if (size > 0) {
		memcpy(text, data, size);
	}
	text[size] = '\0';
	if (ha_scenario_parse("f", text, &sc, &error) == 0) {
		use(&sc);
		ha_scenario_fini(&sc);
	} else if (error.len == 0) {
		abort(); /* refused without a word */
	}
	ha_buf_fini(&error);
	free(text);
	return 0;
}
