#!/usr/bin/python3
"""impacket as a client of our object exporter: activation, calls, QueryInterface, pings, release.

Argument: the port of the resolver. Exits with 77 when there is no impacket.
"""
import sys

try:
    from impacket.dcerpc.v5 import dcomrt, transport
    from impacket.dcerpc.v5.dcomrt import (DCERPCSessionError, DCOMANSWER, DCOMCALL,  # noqa: F401
                                            DCOMConnection)
    from impacket.dcerpc.v5.dtypes import DWORD, LONG
    from impacket.dcerpc.v5.rpcrt import (DCERPCException, RPC_C_AUTHN_LEVEL_CONNECT,
                                          RPC_C_AUTHN_LEVEL_PKT_INTEGRITY,
                                          RPC_C_AUTHN_LEVEL_PKT_PRIVACY)
    from impacket.uuid import string_to_bin, uuidtup_to_bin
except ImportError:
    sys.exit(77)

HOST, PORT = "127.0.0.1", sys.argv[1]
USER, PASSWORD, DOMAIN = "user", "of all of them", "TEST"
BASE = "6A3F2B11-0C5D-4E0F-9321-5B7C1D2044%02d"
CLSID = string_to_bin(BASE % 4)
IID_TEST = uuidtup_to_bin((BASE % 1, "0.0"))
IID_MORE = uuidtup_to_bin((BASE % 2, "0.0"))
IID_NONE = uuidtup_to_bin((BASE % 3, "0.0"))


# It knows port 135 only.
class Factory:
    @staticmethod
    def DCERPCTransportFactory(binding):
        if binding == "ncacn_ip_tcp:" + HOST:
            binding += "[%s]" % PORT
        return transport.DCERPCTransportFactory(binding)


dcomrt.transport = Factory


class Add(DCOMCALL):
    opnum = 3
    structure = (("a", LONG), ("b", LONG))


class AddResponse(DCOMANSWER):
    structure = (("sum", LONG), ("ErrorCode", DWORD))


class Fail(DCOMCALL):
    opnum = 4
    structure = ()


class FailResponse(DCOMANSWER):
    structure = (("ErrorCode", DWORD),)


def add(interface, iid):
    request = Add()
    request["a"], request["b"] = 40, 2
    return interface.request(request, iid, uuid=interface.get_iPid())["sum"]


def fails(what, call):
    try:
        call()
    except DCERPCException as e:
        print("%s: %s" % (what, e))
        return
    raise AssertionError(what + " did not fail")


def session(level):
    # Each of its threads has one connection for a host, of the level it began with.
    dcomrt.INTERFACE.CONNECTIONS.clear()
    connection = DCOMConnection(HOST, USER, PASSWORD, DOMAIN, authLevel=level)
    interface = connection.CoCreateInstanceEx(CLSID, IID_TEST)
    assert add(interface, IID_TEST) == 42
    unknown = dcomrt.IRemUnknown2(interface)
    more = unknown.RemQueryInterface(1, (IID_MORE,))
    assert add(more, IID_MORE) == 42
    fails("a failing method", lambda: interface.request(Fail(), IID_TEST,
                                                        uuid=interface.get_iPid()))
    unknown.RemAddRef()
    exporter = dcomrt.IObjectExporter(connection.get_dce_rpc())
    fails("an unknown set", lambda: exporter.SimplePing(1))
    setid = exporter.ComplexPing(0, 0, [interface.get_oid()])["pSetId"]
    exporter.ComplexPing(setid, 0, [], [interface.get_oid()])
    exporter.SimplePing(setid)
    unknown.RemRelease()
    unknown.RemRelease()
    connection.get_dce_rpc().disconnect()
    # On a connection of its own: impacket would bind the same one twice.
    connection = DCOMConnection(HOST, USER, PASSWORD, DOMAIN, authLevel=level)
    fails("no such class", lambda: connection.CoCreateInstanceEx(string_to_bin(BASE % 9),
                                                                 IID_TEST))
    connection.get_dce_rpc().disconnect()


session(RPC_C_AUTHN_LEVEL_PKT_INTEGRITY)
session(RPC_C_AUTHN_LEVEL_PKT_PRIVACY)
fails("a weak level", lambda: session(RPC_C_AUTHN_LEVEL_CONNECT))
PASSWORD = "wrong"
fails("a wrong password", lambda: session(RPC_C_AUTHN_LEVEL_PKT_PRIVACY))
print("done")
