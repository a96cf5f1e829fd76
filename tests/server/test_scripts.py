#!/usr/bin/python3
r"""impacket's own programs, on the ports that they know: wmiquery.py and wmipersist.py. (What
wmiexec.py runs it runs in C:\, which is nowhere here.)

Argument: wbemd. Exits with 77 where they are not installed.
"""
import getpass
import os
import subprocess
import sys
import tempfile

from harness import Server, Session, ntlm, own_network, values
from kdc import Kdc

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPTS = "/usr/share/doc/python3-impacket/examples"
NAME = "server.example.test"
ME = getpass.getuser()


def script(name, *arguments, text=None):
    done = subprocess.run([sys.executable, os.path.join(SCRIPTS, name), *arguments], input=text,
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert "ERROR" not in done.stdout and "Traceback" not in done.stdout, done.stdout
    return done.stdout


def query(folder):
    queries = os.path.join(folder, "queries")
    with open(queries, "w") as f:
        f.write("SELECT Handle, Name FROM Win32_Process WHERE ProcessId = %d\n"
                "describe Win32_Process\n" % os.getpid())
    for who in ([ME + ":secret@127.0.0.1"],
                ["-hashes", ":" + ntlm.compute_nthash("secret").hex(), ME + "@127.0.0.1"],
                ["-k", "-no-pass", "EXAMPLE.TEST/jane@" + NAME]):
        said = script("wmiquery.py", "-file", queries, *who)
        assert "| %d |" % os.getpid() in said, said
        assert "class Win32_Process" in said and "Terminate(" in said, said


def persist(folder):
    program = os.path.join(folder, "script")
    with open(program, "w") as f:
        f.write("WScript.Echo 1\n")
    who = ME + ":secret@127.0.0.1"
    for trigger in (["-timer", "100000"], ["-filter", "SELECT * FROM Win32_ProcessStartTrace"]):
        said = script("wmipersist.py", who, "install", "-name", "it", "-vbs", program, *trigger)
        assert said.count("- OK") >= 3, said
        with Session(ME, "secret", namespace="//./root/subscription") as session:
            found = session.query("SELECT * FROM __FilterToConsumerBinding")
            assert [values(o)["Filter"] for o in found] == ['__EventFilter.Name="EF_it"']
        if trigger[0] == "-timer":  # without one it finds none to remove
            said = script("wmipersist.py", who, "remove", "-name", "it")
            assert said.count("- OK") == 4, said


if not os.path.isdir(SCRIPTS):
    sys.exit(77)
own_network([NAME])
with tempfile.TemporaryDirectory() as folder, Kdc() as kdc, \
        Server(sys.argv[1], "--name", NAME, "--name", "127.0.0.1", "--keytab", kdc.keytab,
               "--mof", os.path.join(HERE, "scripts.mof"), port=135,
               users=((ME, "", "secret"),)):
    assert kdc.tickets("secret")
    for part in (query, persist):
        part(folder)
print("done")
