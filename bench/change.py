"""change.py FILE SHARE: overwrites that share of a file's data (not of its holes) with random bytes, in runs of 64 KiB."""

import os
import random
import sys

RUN = 64 << 10

name, share = sys.argv[1], float(sys.argv[2])
with open(name, "r+b") as file:
    runs = []
    at, size = 0, os.fstat(file.fileno()).st_size
    while at < size:
        try:
            begin = os.lseek(file.fileno(), at, os.SEEK_DATA)
        except OSError:
            break
        at = os.lseek(file.fileno(), begin, os.SEEK_HOLE)
        runs += range(begin, at - RUN, RUN)
    for place in random.sample(runs, max(1, int(len(runs) * share))):
        file.seek(place)
        file.write(os.urandom(RUN))
