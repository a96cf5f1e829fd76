#!/usr/bin/python3
"""Providers of others in wbemd, in its process and in one of their own: whom they are told that they
work for. Arguments: wbemd, wbem, the provider's shared object, the program that hosts."""
import os
import pwd
import subprocess
import sys

from daemon import FOLDER, NT_HASH, Daemon, done, expect, path, write

WBEM, MODULE, HOST = (os.path.abspath(p) for p in sys.argv[2:5])
CLSID = "{6F0C6A10-1F0B-4F6E-9D53-2A8F106E5501}"
E_ACCESSDENIED = -2147024891
# A provider brings the shared library, of which wbemd's own copy is used: two of each variable, by design.
SANITIZER = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "detect_odr_violation=0")))
ME = pwd.getpwuid(os.geteuid()).pw_name
passwords = write("passwd", "%s::%s\njane::%s\n" % (ME, NT_HASH, NT_HASH))
write("test.conf", "[%s]\nPath = %s\n" % (CLSID, MODULE))


def mof(model):
    return write("test.mof", r'''
#pragma namespace("root\\cimv2")
instance of __Win32Provider as $provider { Name = "TestProvider"; CLSID = "%s"; HostingModel = "%s"; };
instance of __InstanceProviderRegistration { Provider = $provider; SupportsEnumeration = TRUE; };
[dynamic, provider("TestProvider")] class Test_Caller { [key] string Id; sint32 N; string Text; };
''' % (CLSID, model))


def caller(daemon, user):
    p = subprocess.run(
        [WBEM, "wmic", "/node:127.0.0.1[%d]" % daemon.port, "/user:" + user, "path", "Test_Caller",
         "get", "Id,N", "/value"], env={**os.environ, "WBEM_PASSWORD": "password"},
        capture_output=True, text=True, timeout=60)
    lines = dict(line.split("=", 1) for line in p.stdout.split() if "=" in line)
    expect(p.returncode == 0 and lines, p.stdout + p.stderr)
    return lines["Id"], int(lines["N"])


def check(model, users, *content):
    with Daemon("--listen", "127.0.0.1", "--port", "0", *content, "--password-file", passwords,
                environment={"WBEM_PROVIDER_PATH": FOLDER, "WBEM_PROVIDER_HOST": HOST,
                             "ASAN_OPTIONS": SANITIZER}) as daemon:
        for user in users:
            # The line of the password file is for any domain: who says one is the same.
            for said in (user, "ELSEWHERE\\" + user.upper()):
                name, acting = caller(daemon, said)
                expect(name == user.lower(), model, said, name)
                expect(acting == E_ACCESSDENIED, model, acting)


check("WmiCore", (ME, "jane"), "--mof", mof("WmiCore"))
# A process of its own reads the repository too, which has to be a folder.
repository = path("repository")
subprocess.run([WBEM, "mof", "compile", mof("NetworkServiceHost")], check=True, stdout=subprocess.PIPE,
               env={**os.environ, "WBEM_REPOSITORY": repository}, timeout=60)
check("NetworkServiceHost", (ME,), "--repository", repository)
done()
