#!/usr/bin/python3
"""The file of settings and the options that replace it, --check, wbemd passwd. Argument: wbemd."""
import os
import re

from daemon import NT_HASH, Daemon, done, expect, path, run, write

passwd = write("passwd", "jane:EXAMPLE:%s\n" % NT_HASH)


def check(text, status, *said):
    conf = write("wbemd.conf", text)
    got, out, errors = run("--config", conf, "--check")
    expect(got == status, text, got, out, errors)
    for what in said:
        expect(what in out + errors, what, out, errors)


good = "# ours\n\nport = 0\npassword-file = %s\nlisten = 127.0.0.1\nlisten = ::1\n" % passwd
check(good, 0, "wbemd.conf: good")
check(good + "prot = 1\n", 2, "wbemd.conf:7: there is no setting 'prot'")
check(good + "port = 1\n", 2, "wbemd.conf:7: port is given a second time")
check("port = 65536\n", 2, "wbemd.conf:1: port: '65536' is not a number from 0 to 65535")
check("port = 1x\n", 2, "wbemd.conf:1: port: '1x' is not a number")
check("\nlevel = plain\n", 2, "wbemd.conf:2: level: 'plain' is not one of integrity|privacy")
check("subscriptions = true\n", 2, "wbemd.conf:1: subscriptions: 'true' is not yes or no")
check("port\n", 2, "wbemd.conf:1: a line is 'key = value'")
check("name = " + "x" * 5000 + "\n", 2, "wbemd.conf:1: the line is too long")
check(good + "account = jane\n", 1, "account: needs a principal and a name")
check(good + "group = jane no-such-group-here\n", 1, "there is no such group")
check(good + "mof = %s\n" % path("missing.mof"), 1, "missing.mof")
bad = write("bad.mof", "class A {\n    sint32 a\n};\n")
check(good + "mof = %s\n" % bad, 1, "bad.mof:3:")
own = write("own.mof", "class A { [key] sint32 a; };\ninstance of A { a = 1; };\n")
check(good + "mof = %s\n" % own, 0, "good")

# Options replace what the file says; a list as a whole.
got, out, errors = run("--config", path("wbemd.conf"), "--check", "--port", "no")
expect(got == 2 and "--port: 'no' is not a number" in errors, errors)
got, out, errors = run("--config", path("wbemd.conf"), "--check", "--mof", bad)
expect(got == 1 and "bad.mof:3:" in errors, errors)
got, out, errors = run("--no-such-option")
expect(got == 2 and "wbemd --help" in errors, errors)
got, out, errors = run("stray")
expect(got == 2 and "'stray' is no option" in errors, errors)
got, out, errors = run("--config", path("nowhere.conf"))
expect(got == 2 and "nowhere.conf: No such file" in errors, errors)

got, out, errors = run("--help")
expect(got == 0 and "--max-calls-per-user" in out and not errors, out, errors)
got, out, errors = run("--version")
expect(got == 0 and out.startswith("wbemd "), out)

# A file alone is enough to serve.
conf = write("serve.conf", "port = 0\nlisten = 127.0.0.1\nrepository = :memory:\n"
             "password-file = %s\n" % passwd)
with Daemon("--config", conf, "--port-file", path("port")) as daemon:
    with open(path("port")) as f:
        expect(f.read() == "%d\n" % daemon.port)

# ---- wbemd passwd
file = path("users")
got, out, errors = run("passwd", "--stdin", file, "DOMAIN\\joe", stdin="password\n")
expect(got == 0, errors)
expect(os.stat(file).st_mode & 0o777 == 0o600)
got, out, errors = run("passwd", "--stdin", "--hash", file, "ann", stdin="0" * 32 + "\n")
expect(got == 0, errors)
with open(file) as f:
    expect(f.read() == "joe:DOMAIN:%s\nann::%s\n" % (NT_HASH, "0" * 32))
got, out, errors = run("passwd", "--stdin", "--hash", file, "ann", stdin="short\n")
expect(got == 1 and "32 hexadecimal digits" in errors, errors)
got, out, errors = run("passwd", "--list", file)
expect(got == 0 and out == "DOMAIN\\joe\nann\n", out)
got, out, errors = run("passwd", "--delete", file, "joe")
expect(got == 1 and "has no user joe" in errors, errors)
got, out, errors = run("passwd", "--delete", file, "DOMAIN\\joe")
expect(got == 0, errors)
got, out, errors = run("passwd", "--list", file)
expect(out == "ann\n", out)
got, out, errors = run("passwd", file)
expect(got == 2 and errors.startswith("Usage"), errors)
got, out, errors = run("passwd", "--stdin", file, "eve", stdin="")
expect(got == 1 and "no password" in errors, errors)
got, out, errors = run("passwd", "--help")
expect(got == 0 and re.match("Usage: wbemd passwd", out), out)
done()
