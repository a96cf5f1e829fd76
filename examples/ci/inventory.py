#!/usr/bin/python3
"""The program under test: asks a host for its articles. Arguments: host, port, user; the password
is in $PASSWORD."""
import os
import sys

from impacket.dcerpc.v5 import dcomrt, transport
from impacket.dcerpc.v5.dcom import wmi
from impacket.dcerpc.v5.dtypes import NULL


def at_port(host, port):
    """impacket knows port 135 alone."""
    class Factory:
        @staticmethod
        def DCERPCTransportFactory(binding):
            if binding == "ncacn_ip_tcp:" + host:
                binding += "[%s]" % port
            return transport.DCERPCTransportFactory(binding)

    dcomrt.transport = Factory


def rows(enumerator):
    while True:
        try:
            batch = enumerator.Next(0xFFFFFFFF, 1)
        except wmi.DCERPCSessionError as e:
            if e.get_error_code() == wmi.WBEMSTATUS.enumItems.WBEM_S_FALSE.value:
                return
            raise
        for o in batch:
            yield {name: p["value"] for name, p in o.getProperties().items()}


def main(host, port, user):
    at_port(host, port)
    connection = dcomrt.DCOMConnection(host, user, os.environ["PASSWORD"], oxidResolver=False)
    try:
        login = wmi.IWbemLevel1Login(connection.CoCreateInstanceEx(
            wmi.CLSID_WbemLevel1Login, wmi.IID_IWbemLevel1Login))
        services = login.NTLMLogin("//./root/cimv2", NULL, NULL)
        for row in rows(services.ExecQuery("SELECT Number, Label, Cents FROM Shop_Article")):
            print("%d %s %d" % (row["Number"], row["Label"], row["Cents"]))
        for row in rows(services.ExecQuery("ASSOCIATORS OF {Shop_Shelf.Name='left'}")):
            print("left: %s" % row["Label"])
    finally:
        connection.disconnect()


if __name__ == "__main__":
    main(*sys.argv[1:])
