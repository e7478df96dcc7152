#!/usr/bin/env python3
"""tree-of-files.py DIR FILES: makes FILES files of 0 to 128 KiB below DIR, forty in a directory, the same ones each time.
Half the bytes are text that compresses, half are random."""
import os
import random
import sys

directory, count = sys.argv[1], int(sys.argv[2])
chance = random.Random(2026)
words = [chance.randbytes(chance.randint(2, 9)).hex().encode() for _ in range(4000)]
text = b" ".join(chance.choice(words) for _ in range(60000))
noise = chance.randbytes(1 << 20)
for i in range(count):
    place = f"{directory}/{i // 4000:02d}/{i // 40 % 100:02d}"
    if i % 40 == 0:
        os.makedirs(place)
    size = int(chance.paretovariate(0.7) * 900) % (128 << 10)
    source = text if i % 2 else noise
    at = chance.randrange(len(source) - size)
    with open(f"{place}/file-{i}.dat", "wb") as f:
        f.write(source[at : at + size])
