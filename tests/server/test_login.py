#!/usr/bin/python3
"""A client logs in, or is kept out; what it asks first. Argument: wbemd."""
import os
import sys

from harness import Server, Session, fails, ntlm, values, PASSWORD

ACCESS_DENIED = "rpc_s_access_denied"
WBEM_E_INVALID_NAMESPACE = 0x8004100E
WBEM_E_NOT_FOUND = 0x80041002


def processes(session):
    found = {int(p["Handle"]): p["Name"] for p in map(values, session.query(
        "SELECT Handle, Name FROM Win32_Process"))}
    assert found[os.getpid()].startswith("python3"), found
    one, _ = session.services.GetObject('Win32_Process.Handle="%d"' % os.getpid())
    assert values(one)["Handle"] == str(os.getpid())
    fails(WBEM_E_NOT_FOUND, lambda: session.services.GetObject('Win32_Process.Handle="0x"'))


with Server(sys.argv[1]) as server:
    with Session() as session:
        processes(session)
    nt_hash = ntlm.compute_nthash(PASSWORD).hex()
    with Session(password="", hashes=("0" * 32, nt_hash)) as session:
        processes(session)
    with Session(namespace="//server/root") as session:
        names = [values(o)["Name"] for o in session.query("SELECT * FROM __NAMESPACE")]
        assert "CIMV2" in [n.upper() for n in names], names
    fails(ACCESS_DENIED, lambda: Session(password="guessed"))
    fails(ACCESS_DENIED, lambda: Session(user="nobody at all"))
    fails(WBEM_E_INVALID_NAMESPACE, lambda: Session(namespace="//./root/nowhere"))
print("done")
