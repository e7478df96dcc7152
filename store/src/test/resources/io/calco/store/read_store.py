"""Reads a store that is not encrypted, by docs/format/store.md alone: read_store.py STORE ROOT PART OUT"""
import hashlib, os, struct, subprocess, sys

store, root_name, part, out = sys.argv[1:]


def read(name):
    with open(name, 'rb') as f:
        return f.read()


def crc32c_table():
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        yield value


CRC = list(crc32c_table())


def crc32c(data):
    register = 0xFFFFFFFF
    for byte in data:
        register = register >> 8 ^ CRC[(register ^ byte) & 0xFF]
    return register ^ 0xFFFFFFFF


def body(name, magic):
    o = read(os.path.join(store, name))
    assert o[:8] == magic, name
    assert hashlib.sha256(o[:-32]).digest() == o[-32:], name
    length, = struct.unpack_from('<I', o, 40)
    assert 44 + length + 32 == len(o), name
    return o[44:44 + length]


version, flags, chunk_length = struct.unpack_from('<HHI', body('config', b'CALCOcf1'))
assert (version, flags) == (2, 0)

pieces = {}
for directory, _, files in os.walk(os.path.join(store, 'packs')):
    for f in files:
        pack = read(os.path.join(directory, f))
        assert pack[:8] == b'CALCOpk2' and pack[-8:] == b'CALCOpe2'
        table_length, count = struct.unpack_from('<II', pack, len(pack) - 24)
        assert table_length == count * 48
        at, table = 56, len(pack) - 24 - table_length
        assert hashlib.sha256(pack[:56] + pack[table:]).hexdigest() == f
        for i in range(count):
            id, stored, plain, kind, codec, zero, sum = struct.unpack_from('<32sIIBBHI', pack, table + 48 * i)
            assert zero == 0
            assert crc32c(pack[at:at + stored]) == sum
            pieces[id] = (pack, at, stored, plain, kind, codec)
            at += stored
        assert at == table


def piece(kind, id):
    pack, at, stored, plain, found, codec = pieces[id]
    assert found == kind
    data = pack[at:at + stored]
    if codec == 1:
        data = subprocess.run(['zstd', '-dcq'], input=data, stdout=subprocess.PIPE, check=True).stdout
    assert len(data) == plain
    assert hashlib.sha256(bytes([kind]) + data).digest() == id
    return data


root = body('roots/' + hashlib.sha256(root_name.encode()).hexdigest(), b'CALCOrt1')
at = 40


def take(form):
    global at
    value, = struct.unpack_from('<' + form, root, at)
    at += struct.calcsize('<' + form)
    return value


def text(length):
    global at
    at += length
    return root[at - length:at].decode()


assert text(take('H')) == root_name
text(take('I'))
parts = {}
for _ in range(take('H')):
    name = text(take('H'))
    parts[name] = take('32s')
assert at == len(root)

record = piece(3, parts[part])
version, type, zero, chunk, size, in_page, pages = struct.unpack_from('<BBHIQII', record)
assert version == 1 and zero == 0 and len(record) == 24 + 32 * pages
hole = bytes(32)
with open(out, 'wb') as f:
    f.truncate(size)
    for p in range(pages):
        page_id = record[24 + 32 * p:56 + 32 * p]
        if page_id == hole:
            continue
        page = piece(2, page_id)
        for c in range(len(page) // 32):
            chunk_id = page[32 * c:32 * c + 32]
            if chunk_id != hole:
                f.seek((p * in_page + c) * chunk)
                f.write(piece(1, chunk_id))
assert os.path.getsize(out) == size
