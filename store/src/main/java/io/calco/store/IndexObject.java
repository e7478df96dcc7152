package io.calco.store;

import io.calco.store.backend.Backend;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// An object that tells of packs what their tables say, so that opening a store need not read a
/// part of each pack. It can be made again from the packs.
final class IndexObject {
  static final String PREFIX = "index/";

  /// Most packs in one; a writer begins another.
  static final int PACKS_MAX = 4096;

  private static final int PACK = ChunkId.BYTES + 8 + 16 + 4;

  private IndexObject() {}

  /// A pack and the first 8 bytes of each identity in it.
  static final class Line {
    final Pack pack;
    final long[] prefixes;

    Line(Pack pack, long[] prefixes) {
      this.pack = pack;
      this.prefixes = prefixes;
    }
  }

  /// Puts an index of these packs.
  ///
  /// @param lines at most [#PACKS_MAX]
  /// @return its name
  static String put(Backend backend, StoreCipher cipher, List<Line> lines) throws IOException {
    int length = 4;
    for (Line line : lines) {
      length = Math.addExact(length, PACK + line.prefixes.length * 8);
    }
    ByteBuffer body = Envelope.body(length);
    body.putInt(lines.size());
    for (Line line : lines) {
      byte[] name = new byte[ChunkId.BYTES];
      line.pack.name().write(name, 0);
      body.put(name).putLong(line.pack.length());
      body.putLong(line.pack.writer().getMostSignificantBits());
      body.putLong(line.pack.writer().getLeastSignificantBits());
      body.putInt(line.prefixes.length);
      for (long prefix : line.prefixes) {
        body.putLong(Long.reverseBytes(prefix));
      }
    }
    byte[] object = Envelope.INDEX.encode(cipher, body);
    String name = PREFIX + Envelope.sumOf(object);
    backend.put(name, List.of(MemorySegment.ofArray(object)));
    return name;
  }

  /// Puts as many objects as these packs need.
  static void putAll(Backend backend, StoreCipher cipher, List<Line> lines) throws IOException {
    for (int at = 0; at < lines.size(); at += PACKS_MAX) {
      put(backend, cipher, lines.subList(at, Math.min(lines.size(), at + PACKS_MAX)));
    }
  }

  static List<Line> read(Backend backend, StoreCipher cipher, String name) throws IOException {
    return Envelope.INDEX.read(backend, cipher, name, IndexObject::decode);
  }

  static List<Line> decode(ByteBuffer body) {
    int count = body.getInt();
    if (count < 0 || count > body.remaining() / PACK) {
      throw new IllegalArgumentException("packs");
    }
    List<Line> lines = new ArrayList<>(count);
    UUID last = new UUID(0, 0);
    for (int i = 0; i < count; i++) {
      byte[] name = new byte[ChunkId.BYTES];
      body.get(name);
      long length = body.getLong();
      UUID writer = new UUID(body.getLong(), body.getLong());
      writer = writer.equals(last) ? last : writer; // one object for all packs of a writer
      last = writer;
      int pieces = body.getInt();
      if (length < 0
          || pieces < 0
          || pieces > PackTable.ENTRIES_MAX
          || pieces > body.remaining() / 8) {
        throw new IllegalArgumentException("pack " + i);
      }
      long[] prefixes = new long[pieces];
      for (int p = 0; p < pieces; p++) {
        prefixes[p] = Long.reverseBytes(body.getLong());
      }
      lines.add(new Line(new Pack(ChunkId.read(name, 0), length, writer, pieces), prefixes));
    }
    return lines;
  }
}
