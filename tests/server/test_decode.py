#!/usr/bin/python3
"""Wireshark's dissectors read what wbemd says: DCE/RPC and DCOM of a whole session, nothing malformed.

The messages are signed, not sealed, so that their contents are there to be read. Argument: wbemd.
Exits with 77 where nothing can be recorded.
"""
import collections
import os
import socket
import subprocess
import sys
import tempfile
import time

from harness import Server, Session, fails, own_network
from impacket.dcerpc.v5.rpcrt import RPC_C_AUTHN_LEVEL_PKT_INTEGRITY

HERE = os.path.dirname(os.path.abspath(__file__))
WBEM_E_NOT_FOUND = 0x80041002
WBEM_E_INVALID_CLASS = 0x80041010
# C706 and [MS-RPCE]: what a session consists of.
BIND, BIND_ACK, ALTER, ALTER_ACK, AUTH3, REQUEST, RESPONSE = 11, 12, 14, 15, 16, 0, 2


class Recording:
    """Of the loopback, in this network all to ourselves."""

    def __init__(self, path):
        try:
            self.process = subprocess.Popen(["tshark", "-q", "-i", "lo", "-w", path],
                                            stderr=subprocess.PIPE, text=True)
        except FileNotFoundError:
            sys.exit(77)
        for line in self.process.stderr:
            if "Capturing on" in line:
                break
        else:
            sys.exit(77)
        # It says so before it does: what it records of this shows that it has begun.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 9))
            while not recorded(path, b"is it recording?"):
                probe.sendto(b"is it recording?", probe.getsockname())
                time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate()


def recorded(path, text):
    try:
        with open(path, "rb") as f:
            return text in f.read()
    except FileNotFoundError:
        return False


def wait_recorded(path, text):
    """The recorder is behind; by when it has the end it has all of it."""
    while not recorded(path, text):
        time.sleep(0.05)


def session(path):
    with Server(sys.argv[1], "--mof", os.path.join(HERE, "changes.mof"), port=135):
        with Session(authLevel=RPC_C_AUTHN_LEVEL_PKT_INTEGRITY) as s:
            s.query("SELECT * FROM Test_Item")
            s.query("SELECT Handle, Name FROM Win32_Process")
            s.services.GetObject("Win32_Process")
            fails(WBEM_E_NOT_FOUND, lambda: s.services.GetObject("Test_Item.Number=9"))
            fails(WBEM_E_INVALID_CLASS, lambda: s.services.GetObject('Test_End.Name="the end"'))
        wait_recorded(path, "the end".encode("utf-16le"))


def fields(path, what, *names):
    said = subprocess.run(["tshark", "-r", path, "-o", "tcp.desegment_tcp_streams:TRUE", "-Y", what,
                           "-T", "fields", *[a for n in names for a in ("-e", n)]], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return [line.split("\t") for line in said.splitlines()]


def check(path):
    kinds = collections.Counter(k for line in fields(path, "dcerpc", "dcerpc.pkt_type")
                                for k in line[0].split(","))
    for kind in (BIND, BIND_ACK, ALTER, ALTER_ACK, AUTH3, REQUEST, RESPONSE):
        assert kinds[str(kind)] > 0, (kind, kinds)
    wrong = fields(path, "_ws.malformed || _ws.unreassembled || dcerpc.fragment.error || "
                   "(_ws.expert.severity >= 0x600000 && tcp.srcport == 135)",
                   "frame.number", "_ws.col.Protocol", "_ws.col.Info", "_ws.expert.message")
    assert not wrong, wrong
    # DCOM's own layer, of both sides: calls, the activation's answer, references, releases.
    for what in ("dcom.this.uuid", "dcom.that.flags", "remunk.opnum == 5 && dcerpc.pkt_type == 2",
                 "isystemactivator.properties.scmresp.oxid && tcp.srcport == 135",
                 "dcom.stdobjref.public_refs == 1 && tcp.srcport == 135",
                 'dcom.dualstringarray.network_addr == "127.0.0.1[135]"',
                 "dcom.hresult == 0 && tcp.srcport == 135"):
        assert fields(path, what, "frame.number"), what
    print(sum(kinds.values()), "PDUs")


own_network([])
with tempfile.TemporaryDirectory() as folder:
    os.chmod(folder, 0o777)
    path = os.path.join(folder, "recording.pcapng")
    with Recording(path):
        session(path)
    check(path)
print("done")
