package io.calco.disk.dmg;

import static io.calco.disk.dmg.Koly.U32;

import io.calco.disk.CorruptImageException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// A classic resource fork ("Inside Macintosh: More Macintosh Toolbox", chapter 1), in which images
/// from before Mac OS X 10.2 keep their chunk tables: resources of type `blkx`.
final class ResourceFork {
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /// "blkx".
  private static final int BLKX = 0x626c6b78;

  private static final int HEADER = 16;
  private static final int MAP_TYPE_LIST = 24;
  private static final int MAP_MIN = 30;
  private static final int TYPE = 8;
  private static final int REFERENCE = 12;

  private final String file;
  private final long offset;
  private final MemorySegment fork;

  private ResourceFork(String file, long offset, byte[] fork) {
    this.file = file;
    this.offset = offset;
    this.fork = MemorySegment.ofArray(fork);
  }

  /// The chunk tables.
  ///
  /// @param offset where the fork lies in the file, for messages
  static List<byte[]> chunkTables(String file, long offset, byte[] fork)
      throws CorruptImageException {
    return new ResourceFork(file, offset, fork).read();
  }

  private List<byte[]> read() throws CorruptImageException {
    expect(fork.byteSize() >= HEADER, 0, "a header");
    long data = u32(0);
    long map = u32(4);
    expect(map >= HEADER && map <= fork.byteSize() - MAP_MIN, 4, "a map within the fork");
    long types = map + Short.toUnsignedLong(fork.get(U16, map + MAP_TYPE_LIST));
    expect(types <= fork.byteSize() - 2, map + MAP_TYPE_LIST, "a type list within the fork");
    // Counts are one less than there are.
    int typeCount = Short.toUnsignedInt(fork.get(U16, types)) + 1 & 0xffff;
    List<byte[]> tables = new ArrayList<>();
    for (int i = 0; i < typeCount; i++) {
      long type = types + 2 + (long) i * TYPE;
      expect(type <= fork.byteSize() - TYPE, type, "a type within the fork");
      if (u32(type) == BLKX) {
        int count = Short.toUnsignedInt(fork.get(U16, type + 4)) + 1;
        long references = types + Short.toUnsignedLong(fork.get(U16, type + 6));
        for (int j = 0; j < count; j++) {
          tables.add(resource(data, references + (long) j * REFERENCE));
        }
        break;
      }
    }
    return tables;
  }

  private byte[] resource(long data, long reference) throws CorruptImageException {
    expect(reference <= fork.byteSize() - REFERENCE, reference, "a reference within the fork");
    long at = data + (u32(reference + 4) & 0xffffff);
    expect(at <= fork.byteSize() - 4, reference, "data within the fork");
    long length = u32(at);
    expect(length <= fork.byteSize() - at - 4, at, "data within the fork");
    return fork.asSlice(at + 4, length).toArray(ValueLayout.JAVA_BYTE);
  }

  private long u32(long at) {
    return Integer.toUnsignedLong(fork.get(U32, at));
  }

  private void expect(boolean holds, long at, String expected) throws CorruptImageException {
    if (!holds) {
      throw CorruptImageException.at(
          file, "resource fork", offset + at, "the end of the fork", expected);
    }
  }
}
