#!/usr/bin/env python3
"""many-ntfs.py IMAGE: marks, in the bitmap of a fresh NTFS, the clusters of 10 million files of 4 to 124 KiB, each apart
from the next: the map of a full volume without the hours that making the files takes. The files themselves are not there."""
import random
import struct
import sys

chance = random.Random(2026)
with open(sys.argv[1], "r+b") as image:
    boot = image.read(512)
    sector, per_cluster = struct.unpack_from("<HB", boot, 11)
    cluster = sector * per_cluster
    record = 1 << -struct.unpack_from("<b", boot, 64)[0]
    image.seek(struct.unpack_from("<Q", boot, 48)[0] * cluster + 6 * record)
    bitmap = image.read(record)
    at = struct.unpack_from("<H", bitmap, 20)[0]
    while struct.unpack_from("<I", bitmap, at)[0] != 0x80:
        at += struct.unpack_from("<I", bitmap, at + 4)[0]
    size = struct.unpack_from("<Q", bitmap, at + 48)[0]
    run = at + struct.unpack_from("<H", bitmap, at + 32)[0]
    lengths, starts = bitmap[run] & 15, bitmap[run] >> 4
    start = int.from_bytes(bitmap[run + 1 + lengths : run + 1 + lengths + starts], "little")
    image.seek(start * cluster)
    bits = bytearray(image.read(size))
    each = size * 8 // 10_000_000
    for i in range(10_000_000):
        first = i * each + chance.randrange(each - 16)
        for c in range(first, first + 1 + chance.randrange(min(31, each // 2))):
            bits[c >> 3] |= 1 << (c & 7)
    image.seek(start * cluster)
    image.write(bits)
