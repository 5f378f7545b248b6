# SPDX-License-Identifier: GPL-2.0-or-later
"""The layers of hac: who may include what, and link what.

Each folder lists the libraries whose headers it may include, itself aside.
The order is the design's: base <- model <- policy; base <- replica; replica,
policy <- core <- wire <- sim; model <- conf; wire <- client <- hactl;
sim <- hactl.
"""
import os
import re

PURE = ["base", "model", "policy", "replica", "core"]

MAY_INCLUDE = {
    "lib/base": [],
    "lib/model": ["base"],
    "lib/policy": ["base", "model"],
    "lib/replica": ["base"],
    "lib/core": ["base", "model", "policy", "replica"],
    "lib/wire": ["base", "model", "replica", "core"],
    "lib/conf": ["base", "model"],
    "lib/client": ["base", "model", "replica", "core", "wire"],
    "lib/sim": PURE + ["wire", "conf"],
    "daemons/hacd": ["base", "model", "replica", "core", "wire", "conf"],
    "agents/common": ["base", "wire"],
    "agents/disk": ["base", "wire"],
    "agents/vm": ["base", "wire"],
    "agents/fence": ["base", "wire"],
    "tools/hactl": ["base", "model", "replica", "core", "wire", "conf",
                    "client", "sim"],
    "tools/hacsim": PURE + ["wire", "conf", "sim"],
    "tools/haclab": PURE + ["wire", "conf", "client", "sim"],
    # tests see everything; each links only what it tests
    "tests/": PURE + ["wire", "conf", "client", "sim"],
}

# The only headers of the system in the pure libraries.
PURE_SYSTEM = {"assert.h", "errno.h", "inttypes.h", "limits.h", "stdarg.h",
               "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "string.h"}
PURE_FOLDERS = {
    "lib/policy": PURE_SYSTEM,
    "lib/replica": PURE_SYSTEM,
    "lib/core": PURE_SYSTEM,
    "lib/model": PURE_SYSTEM | {"ctype.h", "stdlib.h"},
}

# Headers of others: a pattern, who may include them, and in how many files each.
THIRD_PARTY = [
    (r"corosync/", ["daemons/hacd/", "tests/lab/"], 1),
    (r"libvirt/", ["agents/vm/", "tests/unit/test-dial.c"], None),
    (r"libxml/", ["lib/conf/"], None),
    (r"qb/", ["daemons/hacd/", "tests/"], None),
    (r"protobuf-c/", ["lib/wire/"], None),
    (r"gcrypt\.h", ["lib/base/", "lib/wire/", "lib/conf/"], None),
    (r"zlib\.h", ["agents/disk/", "lib/wire/", "lib/base/"], None),
    (r"ncurses\.h", ["tools/hactl/"], 1),
    (r"jansson\.h", ["daemons/hacd/", "agents/vm/", "tools/", "tests/",
                    "lib/client/"], None),
    (r"check\.h", ["tests/"], None),
    (r"glib", [], None),
]


def folder_of(path):
    for folder in sorted(MAY_INCLUDE, key=len, reverse=True):
        if path.startswith(folder.rstrip("/") + "/"):
            return folder
    return None


def includes(source):
    for n, line in enumerate(source.lines, 1):
        match = re.match(r'#\s*include\s+(["<])([^">]+)[">]', line)
        if match:
            yield n, match.group(1), match.group(2)


def check(tree):
    paths = {s.path for s in tree}
    libs = {p.split("/")[1] for p in paths if p.startswith("lib/")}
    for s in tree:
        if not s.is_c:
            continue
        folder = folder_of(s.path)
        for n, quote, name in includes(s):
            if quote != '"':
                continue
            if folder is None:
                yield s.path, n, "folder is not in the table of layers"
                break
            yield from check_one(s.path, folder, n, name, paths, libs)


def check_one(path, folder, n, name, paths, libs):
    if name == "config.h":
        return
    layer = name.split("/")[0] if "/" in name else None
    near = os.path.normpath(os.path.join(os.path.dirname(path), name))
    if near in paths and not near.startswith("lib/"):
        yield from check_port(path, n, name)
        return
    if layer not in libs:
        if near in paths or near.startswith("tests/") or name in paths:
            yield from check_port(path, n, name)
            return
        yield path, n, '"%s" is neither of this folder nor of lib' % name
        return
    own = folder == "lib/" + layer
    if not own and layer not in MAY_INCLUDE[folder]:
        yield path, n, '%s may not include "%s"' % (folder, name)
    private = re.search(r"(_priv|_internal|private)\.h$", name)
    if private and not own and not path.startswith("tests/unit/"):
        yield path, n, '"%s" is private to lib/%s' % (name, layer)


def check_port(path, n, name):
    """Ports of hacd never see each other."""
    mine = re.match(r"daemons/hacd/(port[_-]\w+)\.", path)
    other = re.search(r"(port[_-]\w+)\.h$", name)
    if mine and other and mine.group(1) != other.group(1):
        yield path, n, "a port may not include another: %s" % name


def check_third_party(tree):
    users = {}
    for s in tree:
        if not s.is_c:
            continue
        folder = folder_of(s.path)
        for n, quote, name in includes(s):
            if quote != "<":
                continue
            if folder in PURE_FOLDERS and name not in PURE_FOLDERS[folder]:
                yield s.path, n, "%s is pure and may not include <%s>" % (
                    folder, name)
            for pattern, where, most in THIRD_PARTY:
                if not re.match(pattern, name):
                    continue
                if not s.path.startswith(tuple(where)):
                    yield s.path, n, "<%s> belongs in %s only" % (
                        name, ", ".join(where) or "no file")
                users.setdefault(pattern, {})[s.path] = n
    for pattern, where, most in THIRD_PARTY:
        for folder in where if most is not None else []:
            found = {path: n for path, n in users.get(pattern, {}).items()
                     if path.startswith(folder)}
            for path, n in sorted(found.items()) if len(found) > most else []:
                yield path, n, "<%s…> is in %d files, %d is the limit" % (
                    pattern, len(found), most)


def check_links(tree):
    """A program's line of libraries is a layer table too."""
    for s in tree:
        if not s.path.endswith("/local.mk"):
            continue
        folder = os.path.dirname(s.path)
        if folder not in MAY_INCLUDE or folder.startswith(("lib/", "tests")):
            continue
        text = s.text.replace("\\\n", "  ")
        for n, line in enumerate(text.split("\n"), 1):
            if re.match(r"tests_\w+_(LDADD|LDFLAGS)\s*\+?=", line):
                continue
            match = re.match(r"\w+_LDADD\s*\+?=(.*)", line)
            if not match:
                continue
            # the core's own libraries come with it
            allowed = set(MAY_INCLUDE[folder])
            if "core" in allowed:
                allowed.add("policy")
            for lib in re.findall(r"lib/(\w+)/lib\w+\.a", match.group(1)):
                if lib not in allowed and not (
                        folder.startswith("agents/")
                        and lib in ("core", "model", "replica", "policy")):
                    yield s.path, n, "%s may not link lib/%s" % (folder, lib)
