/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/scan.h"

#include <assert.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"

#define NAMESPACES_MAX 8 /* declared by one element */

struct scan {
	const char *text;
	size_t len;
	size_t at;
	uint32_t line;
	size_t line_at; /* lines are counted up to here */
	unsigned depth;
	size_t nodes;
	struct ha_conf_errors *errors;
};

static uint32_t find_line(struct scan *s)
{
	const char *end = s->text + s->at;
	const char *p = s->text + s->line_at;

	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		s->line++;
		p++;
	}
	s->line_at = s->at;
	return s->line;
}

static int refuse(struct scan *s, int err, const char *text)
{
	struct ha_conf_at at = { .line = find_line(s), .kind = "XML" };

	ha_conf_error(s->errors, &at, "%s", text);
	return err;
}

static bool starts_with(const struct scan *s, const char *word)
{
	size_t len = strlen(word);

	return s->len - s->at >= len &&
	       memcmp(s->text + s->at, word, len) == 0;
}

/* Moves behind the next `end`; the parser will complain if there is none. */
static void skip_past(struct scan *s, const char *end)
{
	const char *p = memmem(s->text + s->at, s->len - s->at, end,
			       strlen(end));

	s->at = p ? (size_t)(p - s->text) + strlen(end) : s->len;
}

/* Every name with a prefix is searched among all that are in force. */
static unsigned count_namespaces(const char *tag, size_t len)
{
	const char *end = tag + len;
	unsigned count = 0;

	while ((tag = memmem(tag, (size_t)(end - tag), "xmlns", 5)) != NULL) {
		count++;
		tag += 5;
	}
	return count;
}

/* Inside a start or end tag, behind its '<'. */
static int scan_tag(struct scan *s)
{
	bool end_tag = s->text[s->at] == '/';
	size_t start = s->at;
	unsigned attrs = 0;
	bool empty = false;

	for (; s->at < s->len && s->text[s->at] != '>'; s->at++) {
		char c = s->text[s->at];

		if (c == '"' || c == '\'') {
			const char *q = memchr(s->text + s->at + 1, c,
					       s->len - s->at - 1);

			if (!q) {
				s->at = s->len;
				return 0;
			}
			s->at = (size_t)(q - s->text);
			attrs++;
		}
		empty = c == '/';
	}
	if (count_namespaces(s->text + start, s->at - start) > NAMESPACES_MAX) {
		return refuse(s, HA_E_LIMIT,
			      "an element declares more than 8 namespaces; no "
			      "configuration needs that: check the file");
	}
	s->at += s->at < s->len;
	s->nodes += attrs + 1;
	if (attrs > HA_XML_ATTRS_MAX) {
		return refuse(s, HA_E_LIMIT,
			      "an element has more than 64 attributes; no "
			      "configuration needs that: check the file");
	}
	if (end_tag) {
		s->depth -= s->depth > 0;
	} else if (!empty && ++s->depth > HA_XML_DEPTH_MAX) {
		return refuse(s, HA_E_LIMIT,
			      "elements are nested deeper than 64; no "
			      "configuration needs that: check the file");
	}
	return 0;
}

/* "--" in a comment is wrong, and libxml2 takes ages to say so for each. */
static int scan_comment(struct scan *s)
{
	s->at += 3;
	skip_past(s, "--");
	if (s->at < s->len && s->text[s->at] != '>') {
		return refuse(s, HA_E_SYNTAX,
			      "not well-formed: \"--\" inside a comment; remove "
			      "it");
	}
	return 0;
}

static int scan_markup(struct scan *s)
{
	s->nodes++;
	if (starts_with(s, "!--")) {
		return scan_comment(s);
	}
	if (starts_with(s, "![CDATA[")) {
		skip_past(s, "]]>");
		return 0;
	}
	if (starts_with(s, "?")) {
		skip_past(s, "?>");
		return 0;
	}
	if (starts_with(s, "!")) {
		return refuse(s, HA_E_SYNTAX,
			      "a DOCTYPE (DTD, entities) is not allowed; "
			      "remove it");
	}
	return scan_tag(s);
}

static const char *end_of_bom(const char *text, size_t len)
{
	return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3
								: text;
}

/* Other encodings would be converted by libxml2, behind our back. */
static bool declares_utf8(const char *text, size_t len)
{
	static const char word[] = "encoding";
	const char *p = end_of_bom(text, len), *end = text + len, *close;

	if (end - p < 5 || memcmp(p, "<?xml", 5) != 0) {
		return true;
	}
	close = memmem(p, (size_t)(end - p), "?>", 2);
	end = close ? close : end;
	p = memmem(p, (size_t)(end - p), word, sizeof(word) - 1);
	if (!p) {
		return true;
	}
	p += sizeof(word) - 1;
	while (p < end && strchr(" \t\r\n=\"'", *p)) {
		p++;
	}
	return (end - p > 5 && strncasecmp(p, "utf-8", 5) == 0 &&
		strchr("\"'", p[5])) ||
	       (end - p > 8 && strncasecmp(p, "us-ascii", 8) == 0 &&
		strchr("\"'", p[8]));
}

/* UTF-16 and its like are told from the first bytes. */
static bool starts_as_utf8(const char *text, size_t len)
{
	const char *p = end_of_bom(text, len), *end = text + len;

	while (p < end && strchr(" \t\r\n", *p)) {
		p++;
	}
	return p < end && *p == '<';
}

int ha_conf_scan(const char *text, size_t len, struct ha_conf_errors *errors)
{
	struct scan s = { text, len, 0, 1, 0, 0, 0, errors };

	assert(text || len == 0);
	assert(errors);
	if (len == 0) {
		return refuse(&s, HA_E_SYNTAX, "the text is empty");
	}
	if (len > HA_CONFIG_BYTES_MAX) {
		return refuse(&s, HA_E_LIMIT,
			      "the text is larger than 32 MiB; shorten the "
			      "domains or remove VMs");
	}
	if (memchr(text, '\0', len)) {
		return refuse(&s, HA_E_SYNTAX,
			      "the text has 0 bytes: it is not XML in UTF-8");
	}
	if (!starts_as_utf8(text, len)) {
		return refuse(&s, HA_E_SYNTAX,
			      "the text does not begin with '<': it is not XML "
			      "in UTF-8");
	}
	if (!declares_utf8(text, len)) {
		return refuse(&s, HA_E_SYNTAX,
			      "the encoding is not UTF-8; convert the file "
			      "(iconv -t UTF-8) and correct its first line");
	}
	while (s.at < len) {
		const char *p = memchr(text + s.at, '<', len - s.at);
		int err;

		if (!p || p + 1 == text + len) {
			break;
		}
		s.at = (size_t)(p - text) + 1;
		err = scan_markup(&s);
		if (err) {
			return err;
		}
		if (s.nodes > HA_XML_NODES_MAX) {
			return refuse(&s, HA_E_LIMIT,
				      "the text has more than 3 million "
				      "elements and attributes; shorten it");
		}
	}
	return 0;
}
