/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An admin's command and its answer: between hosts, and from hactl. */
#include "wire/codec.h"

#include <string.h>

Pb__Command *ha_put_command(struct ha_codec *c, const struct ha_command *cmd)
{
	Pb__Command *out = ha_codec_array(c, 1, sizeof(*out), 1);

	if (!out) {
		return NULL;
	}
	pb__command__init(out);
	out->verb = cmd->verb;
	out->id = cmd->id;
	out->origin = cmd->origin;
	out->host = cmd->host;
	out->hosts = cmd->hosts;
	out->vm = ha_put_id(&cmd->vm, sizeof(cmd->vm));
	out->hash = ha_put_id(&cmd->hash, sizeof(cmd->hash));
	out->base_version = cmd->base_version;
	out->who = cmd->who;
	out->on = cmd->on;
	out->force = cmd->force;
	out->cluster = ha_put_id(cmd->cluster, sizeof(cmd->cluster));
	return out;
}

void ha_pull_command(struct ha_codec *c, const Pb__Command *in,
		     struct ha_command *ret_cmd)
{
	struct ha_command *cmd = ret_cmd;

	memset(cmd, 0, sizeof(*cmd));
	cmd->verb = ha_pull_enum(c, in->verb, HA_CMD_NONE, HA_CMD_COUNT);
	cmd->id = in->id;
	cmd->origin = ha_pull_host_or_none(c, in->origin);
	cmd->host = ha_pull_host_or_none(c, in->host);
	cmd->hosts = in->hosts;
	ha_pull_id(c, in->vm, &cmd->vm, sizeof(cmd->vm));
	ha_pull_id(c, in->hash, &cmd->hash, sizeof(cmd->hash));
	cmd->base_version = in->base_version;
	cmd->who = in->who;
	cmd->on = in->on;
	cmd->force = in->force;
	ha_pull_id(c, in->cluster, cmd->cluster, sizeof(cmd->cluster));
}

Pb__Answer *ha_put_answer(struct ha_codec *c, const struct ha_answer *a)
{
	Pb__Answer *out = ha_codec_array(c, 1, sizeof(*out), 1);

	if (!out) {
		return NULL;
	}
	pb__answer__init(out);
	out->id = a->id;
	out->origin = a->origin;
	out->code = a->code;
	out->text = ha_put_text(a->text);
	return out;
}

void ha_pull_answer(struct ha_codec *c, const Pb__Answer *in,
		    struct ha_answer *ret_answer)
{
	memset(ret_answer, 0, sizeof(*ret_answer));
	ret_answer->id = in->id;
	ret_answer->origin = ha_pull_host(c, in->origin);
	ret_answer->code = in->code;
	if (in->code > 0 || in->code < -2 * HA_ERR_BASE) {
		ha_codec_fail(c, HA_E_SYNTAX);
	}
	ha_pull_text(c, in->text, ret_answer->text, sizeof(ret_answer->text));
}
