#!/usr/bin/python3
"""Objects a second that impacket decodes. Argument: a file of EncodingUnits, each behind its length.

Prints the median of three rounds, of processor time, each over all objects.
"""
import statistics
import struct
import sys
import time

try:
    from impacket.dcerpc.v5.dcom.wmi import ENCODING_UNIT
except ImportError:
    sys.exit(77)


def units(path):
    with open(path, "rb") as f:
        data = f.read()
    at = 0
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at)
        yield data[at + 4:at + 4 + size]
        at += 4 + size


def decode(unit):
    block = ENCODING_UNIT(unit)["ObjectBlock"]
    block.parseObject()
    return block.ctCurrent["values"]


all_units = list(units(sys.argv[1]))
assert decode(all_units[0]), "nothing was decoded"
rates = []
for _ in range(3):
    begun = time.process_time()
    for unit in all_units:
        decode(unit)
    rates.append(len(all_units) / (time.process_time() - begun))
print(statistics.median(rates))
