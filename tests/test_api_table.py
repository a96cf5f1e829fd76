#!/usr/bin/env python3
"""docs/api.md against the headers: each interface and method once, tests that
exist, counts that add up.

usage: test_api_table.py SOURCE_FOLDER BUILD_FOLDER
"""
import json
import re
import subprocess
import sys

HEADERS = ["include/wbemcli.h", "include/wbemprov.h"]
STATES = ("works", "called", "no")


def declared(text):
    """Interfaces with the methods that they add to those they inherit."""
    found = {}
    for name, body in re.findall(
            r"DECLARE_INTERFACE_IID_\((\w+),\s*\w+,[^)]*\)\s*\{(.*?)\n\};", text, re.S):
        # Which of the inherited interfaces the methods are of stands in a comment before them.
        parts = re.split(r"/\* (I\w+) \*/", body)
        own = parts[0]
        for i in range(1, len(parts), 2):
            if parts[i] == name:
                own = parts[i + 1]
        found[name] = re.findall(r"STDMETHOD(?:_\([^,]*,\s*|\()(\w+)\)",
                                 re.sub(r"/\*.*?\*/", "", own, flags=re.S))
    return found


def main():
    source, build = sys.argv[1], sys.argv[2]
    errors = []
    headers = {}
    for header in HEADERS:
        headers.update(declared(open(f"{source}/{header}", encoding="utf-8").read()))
    page = open(f"{source}/docs/api.md", encoding="utf-8").read()
    tests = {t["name"] for t in json.loads(subprocess.run(
        ["meson", "introspect", build, "--tests"], capture_output=True, check=True).stdout)}

    listed, counts = {}, {s: [set(), 0] for s in STATES}
    for name, methods, state, why in re.findall(
            r"^\| (I\w+) \| ([\w ]+) \| (\w+) \| (.*) \|$", page, re.M):
        if state not in STATES:
            errors.append(f"{name}: no such state: {state}")
            continue
        for method in methods.split():
            if method in listed.setdefault(name, set()):
                errors.append(f"{name}::{method} stands there twice")
            listed[name].add(method)
            counts[state][0].add(name)
            counts[state][1] += 1
        named = re.findall(r"`([a-z][a-z0-9-]*)`", why)
        if state != "no" and not named:
            errors.append(f"{name}: no test is named")
        errors += [f"{name}: there is no test {t}" for t in named if t not in tests]
        if state == "no" and len(why) < 20:
            errors.append(f"{name}: no reason is given")

    for name in sorted(set(headers) | set(listed)):
        wanted, got = set(headers.get(name, [])), listed.get(name, set())
        errors += [f"{name}::{m} is missing" for m in sorted(wanted - got)]
        errors += [f"{name}::{m} is in no header" for m in sorted(got - wanted)]
        if name not in headers:
            errors.append(f"{name} is in no header")

    for state in STATES:
        row = f"| {state} | {len(counts[state][0])} | {counts[state][1]} |"
        if row not in page:
            errors.append(f"the counts should say: {row}")
    row = f"| together | {len(headers)} | {sum(len(m) for m in headers.values())} |"
    if row not in page:
        errors.append(f"the counts should say: {row}")
    if len(headers) < 30:
        errors.append("the headers were not understood")
    for e in errors:
        print("FAILED:", e)
    print(f"{len(headers)} interfaces, {sum(len(m) for m in headers.values())} methods")
    sys.exit(bool(errors))


main()
