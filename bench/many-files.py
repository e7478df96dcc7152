#!/usr/bin/env python3
"""many-files.py DIR FILES: fills a mounted file system with FILES files of 4 to 124 KiB, a thousand in a directory,
whose blocks are set aside but never written: a full file system that takes no room below."""
import os
import sys

directory, count = sys.argv[1], int(sys.argv[2])
fd = -1
for i in range(count):
    if i % 1000 == 0:
        if fd >= 0:
            os.close(fd)
        name = f"{directory}/{i // 1000 % 100:02d}/{i // 100000:04d}"
        os.makedirs(name)
        fd = os.open(name, os.O_DIRECTORY)
    f = os.open(f"file-{i}.dat", os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=fd)
    os.posix_fallocate(f, 0, 4096 * (1 + i * 7919 % 31))
    os.close(f)
