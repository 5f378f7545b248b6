/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hactl config edit: the configuration in the admin's editor, and back. What
 * was typed is never lost by a refusal; what is discarded leaves nothing.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ask.h"
#include "diff.h"
#include "file.h"
#include "folder.h"
#include "verbs.h"

enum choice { CHOICE_EDIT, CHOICE_APPLY, CHOICE_DISCARD };

struct editing {
	struct hactl *h;
	struct hactl_config now; /* owned; as fetched, with its secrets */
	char folder[40];         /* ours alone */
	char path[64];           /* of the copy in it */
	bool asks;               /* somebody is there to be asked */
	bool keeps;              /* the copy is not to be removed */
};

static const char *find_editor(void)
{
	static const char *const names[] = { "VISUAL", "EDITOR" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *editor = getenv(names[i]);

		if (editor != NULL && editor[0] != '\0') {
			return editor;
		}
	}
	return "vi";
}

/* The variable may hold options: a shell takes it apart, as for git. */
static void become_editor(const char *editor, const char *path)
{
	struct ha_buf command = { .data = NULL };

	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGQUIT, SIG_DFL);
	ha_buf_printf(&command, "%s \"$1\"", editor);
	if (!command.failed) {
		(void)execl("/bin/sh", "sh", "-c", command.data, "hactl", path,
			    (char *)NULL);
	}
	_exit(127);
}

/* Keys that interrupt are the editor's while it runs. */
static int run_editor(const struct editing *e)
{
	const char *editor = find_editor();
	int status = -1;
	pid_t pid;

	(void)fflush(stdout);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGQUIT, SIG_IGN);
	pid = fork();
	if (pid == 0) {
		become_editor(editor, e->path);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGQUIT, SIG_DFL);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		return hactl_fail(e->h, HACTL_FAILED, "the editor '%s' failed, "
				  "nothing was changed; another one can be "
				  "named in $VISUAL or $EDITOR", editor);
	}
	return HACTL_OK;
}

/* An answer by its first letter; the end of the input discards. */
static enum choice ask_choice(const char *question, bool may_apply)
{
	char line[32];

	for (;;) {
		(void)fprintf(stderr, "%s ", question);
		if (fgets(line, sizeof(line), stdin) == NULL) {
			(void)fputc('\n', stderr);
			return CHOICE_DISCARD;
		}
		switch (line[0]) {
		case 'e':
			return CHOICE_EDIT;
		case 'd':
			return CHOICE_DISCARD;
		case 'a':
			if (may_apply) {
				return CHOICE_APPLY;
			}
			break;
		default:
			break;
		}
	}
}

static bool is_unchanged(const struct editing *e, const struct hactl_file *file)
{
	return file->as_sent.len == e->now.len &&
	       memcmp(file->as_sent.text, e->now.text, e->now.len) == 0;
}

/* What the admin chose, or, nobody there, what is right. */
static enum choice choose(const struct editing *e, int checked,
			  const struct hactl_file *file)
{
	if (checked != HACTL_OK) {
		return e->asks ? ask_choice("e = edit again, d = discard?",
					    false) : CHOICE_DISCARD;
	}
	if (is_unchanged(e, file)) {
		return CHOICE_DISCARD;
	}
	if (!e->h->json &&
	    hactl_diff_print(e->h, &e->now, file->config) != HACTL_OK) {
		return CHOICE_DISCARD;
	}
	return e->asks ? ask_choice("a = apply, e = edit again, d = discard?",
				    true) : CHOICE_APPLY;
}

/* A refusal: try again, or the text stays, since somebody typed it. */
static int take_refusal(struct editing *e, int r, bool stale, bool *ret_again)
{
	if (stale) {
		r = hactl_fail(e->h, HACTL_FAILED, "not applied: another "
			       "change came while you edited version %llu; "
			       "your text is kept in %s: see 'hactl config "
			       "diff %s', take up the other change, then "
			       "'hactl config apply %s --base=N', with N the "
			       "version in force", e->now.version, e->path,
			       e->path, e->path);
		e->keeps = true;
	} else if (e->asks) {
		*ret_again = ask_choice("e = edit again, d = discard?",
					false) == CHOICE_EDIT;
	} else {
		(void)fprintf(stderr, "the edited text is kept in %s\n",
			      e->path);
		e->keeps = true;
	}
	return r;
}

/* One time through the editor. */
static int edit_round(struct editing *e, bool *ret_again)
{
	struct hactl_file file = { .config = NULL };
	bool stale = false;
	int r = run_editor(e);

	if (r != HACTL_OK) {
		return r;
	}
	r = hactl_file_read(e->h, e->path, &file);
	file.as_sent.version = e->now.version;
	switch (choose(e, r, &file)) {
	case CHOICE_EDIT:
		*ret_again = true;
		break;
	case CHOICE_DISCARD:
		if (r == HACTL_OK) {
			hactl_say_done(e->h, "nothing was changed");
		}
		break;
	case CHOICE_APPLY:
		r = hactl_submit(e->h, &file.as_sent, &stale, "committed");
		if (r != HACTL_OK || stale) {
			r = take_refusal(e, r, stale, ret_again);
		}
		break;
	}
	hactl_file_fini(&file);
	return r;
}

static int write_copy(const struct editing *e)
{
	int fd = hactl_folder_open(e->folder);
	int r = fd < 0 ? fd :
		hactl_folder_write(fd, "cluster.xml", e->now.text, e->now.len);

	if (fd >= 0) {
		(void)close(fd);
	}
	return r == 0 ? HACTL_OK :
	       hactl_fail(e->h, HACTL_FAILED, "%s: %s", e->path, strerror(-r));
}

static int run_config_edit(struct hactl *h)
{
	struct editing e = {
		.h = h, .folder = "/tmp/hactl-edit.XXXXXX",
		.asks = !h->json && isatty(STDIN_FILENO) &&
			isatty(STDERR_FILENO),
	};
	bool again = true;
	int r = hactl_config_fetch(h, NULL, &e.now);

	if (r == HACTL_OK && mkdtemp(e.folder) == NULL) {
		r = hactl_fail(h, HACTL_FAILED, "no folder in /tmp: %s",
			       strerror(errno));
		hactl_config_fini(&e.now);
	}
	if (r != HACTL_OK) {
		return r;
	}
	(void)snprintf(e.path, sizeof(e.path), "%s/cluster.xml", e.folder);
	r = write_copy(&e);
	while (r == HACTL_OK && again) {
		again = false;
		r = edit_round(&e, &again);
		r = again ? HACTL_OK : r;
	}
	if (!e.keeps) {
		hactl_folder_remove(e.folder);
	}
	hactl_config_fini(&e.now);
	return r;
}

static const struct hactl_opt opts[] = {
	HACTL_OPT_FORCE,
	{ NULL, NULL, NULL },
};

const struct hactl_verb hactl_config_edit_verb = {
	.noun = "config", .verb = "edit", .args = "",
	.help = "change the configuration in your editor",
	.more = "Starts $VISUAL, $EDITOR or vi on a copy that nobody else can "
		"read; passwords in domain XML stand in it. Afterwards all "
		"errors are listed with their lines, or the differences shown, "
		"and you are asked whether to apply, to edit again or to "
		"discard. Without a terminal a text without errors is applied. "
		"If another change came meanwhile, yours is refused, and kept "
		"in a file. A text that was not changed does nothing.",
	.opts = opts, .run = run_config_edit,
};
