#!/usr/bin/env python3
"""mapped.py FILE: a qcow2 image of 1 TiB whose guest wrote 50 GiB here and there.

Its metadata is all there and right (2,048 L2 tables, runs of 1 MiB); its data is one large hole.
Source: qcow2 specification, version 3, clusters of 64 KiB, refcounts of 16 bits.
"""
import struct
import sys

CLUSTER, VIRTUAL, MAPPED = 1 << 16, 1 << 40, 50 << 30
TABLES = VIRTUAL // CLUSTER // 8192
PER_TABLE, RUN = MAPPED // CLUSTER // TABLES, 16

l1_at = 1
l2_at = l1_at + 1
data_at = l2_at + TABLES
data_end = data_at + TABLES * PER_TABLE
blocks = 1
while blocks * 32768 < data_end + 1 + blocks:
    blocks += 1
refcount_table_at = data_end
clusters = refcount_table_at + 1 + blocks

with open(sys.argv[1], "wb") as image:

    def put(cluster, content):
        image.seek(cluster * CLUSTER)
        image.write(content)

    put(0, struct.pack(
        ">4sIQIIQIIQQIIQQQQII", b"QFI\xfb", 3, 0, 0, 16, VIRTUAL, 0, TABLES, l1_at * CLUSTER,
        refcount_table_at * CLUSTER, 1, 0, 0, 0, 0, 0, 4, 104) + bytes(8))
    put(l1_at, b"".join(struct.pack(">Q", 1 << 63 | (l2_at + i) * CLUSTER) for i in range(TABLES)))
    data = data_at
    for table in range(TABLES):
        entries = [0] * 8192
        for run in range(PER_TABLE // RUN):
            first = run * 8192 * RUN // PER_TABLE + (table * 7 + run * 13) % 64
            for i in range(first, first + RUN):
                entries[i] = 1 << 63 | data * CLUSTER
                data += 1
        put(l2_at + table, struct.pack(">8192Q", *entries))
    assert data == data_end
    put(refcount_table_at, b"".join(
        struct.pack(">Q", (refcount_table_at + 1 + i) * CLUSTER) for i in range(blocks)))
    for block in range(blocks):
        used = min(max(clusters - block * 32768, 0), 32768)
        put(refcount_table_at + 1 + block, struct.pack(">32768H", *([1] * used + [0] * (32768 - used))))
