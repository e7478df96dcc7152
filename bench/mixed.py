"""mixed.py OUT [GIB]: a disk image of one ext4 file system, half full of mixed files: media that nothing packs, text and logs,
programs of this machine, and copies of what is there already. Needs root, for a loop mount. The same each time but for /usr."""

import os
import random
import shutil
import subprocess
import sys
import tempfile

MIB = 1 << 20
rng = random.Random(6)
words = [bytes(rng.choices(b"abcdefghijklmnopqrstuvwxyz", k=rng.randint(2, 11))) for _ in range(20_000)]
pool = b" ".join(rng.choices(words, k=9_000_000))


def media(size):
    return rng.randbytes(size)


def text(size):
    parts, length = [], 0
    while length < size:
        at = rng.randrange(len(pool) - 65536)
        part = pool[at : at + rng.randint(200, 20_000)]
        parts += [part, b"\n%016x " % rng.getrandbits(64)]
        length += len(part) + 18
    return b"".join(parts)[:size]


def fill(root, gib):
    quota = gib * 1024 * MIB
    made = []
    for name, share, make, sizes in (
        ("media", 0.3, media, (1 * MIB, 64 * MIB)),
        ("text", 0.4, text, (2048, 8 * MIB)),
    ):
        used = number = 0
        while used < share * quota:
            folder = os.path.join(root, name, "%03d" % (number // 200))
            os.makedirs(folder, exist_ok=True)
            size = rng.randint(*sizes) if rng.random() < 0.5 else rng.randint(sizes[0], sizes[0] * 16)
            path = os.path.join(folder, "%06d" % number)
            with open(path, "wb") as file:
                file.write(make(size))
            made.append((path, size))
            used += size
            number += 1
    copied = 0
    for folder, _, names in os.walk("/usr"):
        for name in names:
            path = os.path.join(folder, name)
            if copied < 0.2 * quota and os.path.isfile(path) and not os.path.islink(path):
                target = root + path
                os.makedirs(os.path.dirname(target), exist_ok=True)
                shutil.copyfile(path, target)
                copied += os.path.getsize(path)
    used, number = 0, 0
    while used < quota - 0.7 * quota - copied:
        path, size = rng.choice(made)
        target = os.path.join(root, "copies", "%06d" % number)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(path, target)
        used += size
        number += 1


out, gib = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20
with open(out, "wb") as image:
    image.truncate(gib << 30)
subprocess.run(["mkfs.ext4", "-q", "-F", out], check=True)
mount = tempfile.mkdtemp()
subprocess.run(["mount", "-o", "loop", out, mount], check=True)
try:
    fill(mount, gib // 2)
finally:
    subprocess.run(["umount", mount], check=True)
    os.rmdir(mount)
