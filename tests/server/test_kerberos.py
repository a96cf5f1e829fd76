#!/usr/bin/python3
"""impacket and wbem log in by Kerberos, with a KDC of MIT's. With integrity alone impacket fails by
itself: it can't sign messages whose length needs padding. Arguments: wbemd, wbem.
"""
import os
import subprocess
import sys

from harness import Server, Session, fails, own_network, values
from impacket.dcerpc.v5.rpcrt import RPC_C_AUTHN_LEVEL_PKT_PRIVACY
from kdc import Kdc, REALM

NAME = "server.example.test"


def log_in():
    return Session("jane", "", domain=REALM, host=NAME, doKerberos=True, kdcHost="127.0.0.1",
                   authLevel=RPC_C_AUTHN_LEVEL_PKT_PRIVACY)


def wbem(*options, **environment):
    """What our own client finds out about this process by the network."""
    p = subprocess.run(
        [sys.argv[2], "query", "-H", NAME, *options, "--format", "csv",
         "SELECT ProcessId FROM Win32_Process WHERE ProcessId = %d" % os.getpid()],
        env={**os.environ, **environment}, capture_output=True, text=True, timeout=60)
    return p.returncode, p.stdout, p.stderr


own_network([NAME])
with Kdc() as kdc, Server(sys.argv[1], "--name", NAME, "--keytab", kdc.keytab, port=135) as server:
    assert not kdc.tickets("guessed")
    assert kdc.tickets("secret")
    with log_in() as session:
        found = session.query("SELECT Handle FROM Win32_Process WHERE ProcessId = %d" % os.getpid())
        assert [values(o)["Handle"] for o in found] == [str(os.getpid())]
    for options in ([], ["--auth-level", "integrity"], ["--authority", "kerberos:host/" + NAME]):
        status, out, errors = wbem(*options)
        assert status == 0 and str(os.getpid()) in out, (options, status, out, errors)
    # A password gets the ticket, when there is none yet.
    none = os.path.join(os.path.dirname(kdc.keytab), "no tickets")
    person = ["-U", "jane@" + REALM]
    status, out, errors = wbem(*person, KRB5CCNAME=none, WBEM_PASSWORD="secret")
    assert status == 0 and str(os.getpid()) in out, (status, out, errors)
    status, out, errors = wbem(*person, KRB5CCNAME=none, WBEM_PASSWORD="guessed")
    assert status == 1 and "password" in errors, (status, out, errors)
    # Who has no ticket for us has no way in: jane is in no file of users.
    fails("rpc_s_access_denied", lambda: Session("jane", "secret", domain=REALM, host=NAME))
assert "jane@%s has logged in" % REALM.lower() in server.errors.lower(), server.errors
print("done")
