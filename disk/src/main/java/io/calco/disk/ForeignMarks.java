package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Marks of image formats that no installed format reads: such a file must not be taken for a raw
/// disk, whose guest would see the container's bytes.
final class ForeignMarks {
  private static final int TAIL = 512;

  /// Bytes at a place in the file; a negative offset counts from its end.
  private record Mark(String format, long offset, String bytes) {}

  private static final List<Mark> MARKS =
      List.of(
          new Mark("vmdk", 0, "KDMV"),
          new Mark("vmdk", 0, "COWD"),
          new Mark("vmdk", 0, "# Disk DescriptorFile"),
          new Mark("vhdx", 0, "vhdxfile"),
          new Mark("vpc", 0, "conectix"),
          new Mark("vpc", -TAIL, "conectix"),
          new Mark("vdi", 0x40, "\u007f\u0010\u00da\u00be"));

  private ForeignMarks() {}

  /// The format whose mark the file carries.
  static Optional<String> find(HostFile file) throws IOException {
    for (Mark mark : MARKS) {
      byte[] expected = mark.bytes().getBytes(StandardCharsets.ISO_8859_1);
      long offset = mark.offset() < 0 ? file.size() + mark.offset() : mark.offset();
      if (offset >= 0 && offset + expected.length <= file.size()) {
        byte[] found = new byte[expected.length];
        file.read(offset, MemorySegment.ofArray(found));
        if (Arrays.equals(found, expected)) {
          return Optional.of(mark.format());
        }
      }
    }
    return Optional.empty();
  }
}
