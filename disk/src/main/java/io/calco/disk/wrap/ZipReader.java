package io.calco.disk.wrap;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Reads the directory of a zip (APPNOTE.TXT 6.3.10), with Zip64.
final class ZipReader {
  /// A member as the directory describes it.
  ///
  /// @param name as it stands there
  /// @param size plain bytes
  /// @param packedSize bytes in the zip
  /// @param method how it is packed
  /// @param crc CRC-32 of the plain bytes
  /// @param encrypted its bytes are
  /// @param header where its local header stands
  record Member(
      String name, long size, long packedSize, int method, long crc, boolean encrypted, long header)
      implements ArchiveMember {}

  private static final long LOCAL = 0x0403_4b50L;
  private static final long CENTRAL = 0x0201_4b50L;
  private static final long END = 0x0605_4b50L;
  private static final long END64 = 0x0606_4b50L;
  private static final long LOCATOR64 = 0x0706_4b50L;
  private static final int END_LENGTH = 22;
  private static final int COMMENT_MAX = 0xffff;
  private static final int ZIP64 = 1;
  private static final long U32_MAX = 0xffff_ffffL;
  private static final String DIRECTORY = "zip directory";

  /// Ours.
  private static final int MEMBER_LIMIT = 100_000;

  private final HostFile file;

  ZipReader(HostFile file) {
    this.file = file;
  }

  /// All plain files.
  List<Member> readAll() throws IOException {
    long size = file.size();
    long end = findEnd(size);
    PackedInput in = new PackedInput(file, end + 4);
    int disk = in.u16(DIRECTORY);
    in.skipNBytes(4, DIRECTORY);
    long count = in.u16(DIRECTORY);
    in.skipNBytes(4, DIRECTORY);
    long start = in.u32(DIRECTORY);
    if (count == 0xffff || start == U32_MAX || disk == 0xffff) {
      in.seek(Math.max(0, end - 20));
      if (in.u32(DIRECTORY) == LOCATOR64) {
        in.skipNBytes(4, DIRECTORY);
        long end64 = in.u64(DIRECTORY);
        checkOffset(end64, size);
        in.seek(end64);
        expect(in, END64);
        in.skipNBytes(28, DIRECTORY);
        count = in.u64(DIRECTORY);
        in.skipNBytes(8, DIRECTORY);
        start = in.u64(DIRECTORY);
        disk = 0;
      }
    }
    if (disk != 0) {
      throw new UnsupportedFeatureException(file.name() + ": is one of several parts of a zip");
    }
    checkOffset(start, size);
    in.seek(start);
    return readDirectory(in, count);
  }

  private void checkOffset(long offset, long size) throws CorruptImageException {
    if (offset < 0 || offset > size) {
      throw CorruptImageException.at(
          file.name(), DIRECTORY, offset, "an offset there", "one below " + size);
    }
  }

  private void expect(PackedInput in, long signature) throws IOException {
    long at = in.position();
    long found = in.u32(DIRECTORY);
    if (found != signature) {
      throw in.corrupt(DIRECTORY, at, "%08x".formatted(found), "%08x".formatted(signature));
    }
  }

  /// The end record, the last thing in the file but for its comment.
  private long findEnd(long size) throws IOException {
    int length = (int) Math.min(size, END_LENGTH + COMMENT_MAX);
    byte[] tail = new byte[length];
    file.read(size - length, MemorySegment.ofArray(tail));
    for (int at = length - END_LENGTH; at >= 0; at--) {
      if (tail[at] == 'P' && tail[at + 1] == 'K' && tail[at + 2] == 5 && tail[at + 3] == 6) {
        int comment = tail[at + 20] & 0xff | (tail[at + 21] & 0xff) << 8;
        if (comment == length - at - END_LENGTH) {
          return size - length + at;
        }
      }
    }
    throw CorruptImageException.at(
        file.name(), DIRECTORY, size, "no end record", "%08x".formatted(END));
  }

  private List<Member> readDirectory(PackedInput in, long count) throws IOException {
    if (count < 0 || count > MEMBER_LIMIT) {
      throw new LimitExceededException(
          "%s: more than %d files in a zip (our limit)".formatted(file.name(), MEMBER_LIMIT));
    }
    List<Member> members = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      expect(in, CENTRAL);
      Member member = readMember(in);
      if (!member.name().endsWith("/")) {
        members.add(member);
      }
    }
    return members;
  }

  private Member readMember(PackedInput in) throws IOException {
    in.skipNBytes(4, DIRECTORY);
    int flags = in.u16(DIRECTORY);
    int method = in.u16(DIRECTORY);
    in.skipNBytes(4, DIRECTORY);
    long crc = in.u32(DIRECTORY);
    long packedSize = in.u32(DIRECTORY);
    long size = in.u32(DIRECTORY);
    int nameLength = in.u16(DIRECTORY);
    int extraLength = in.u16(DIRECTORY);
    int commentLength = in.u16(DIRECTORY);
    in.skipNBytes(8, DIRECTORY);
    long header = in.u32(DIRECTORY);
    byte[] name = new byte[nameLength];
    in.readAll(name, 0, nameLength, DIRECTORY);
    long extra = in.position();
    long after = extra + extraLength + commentLength;
    while (in.position() + 4 <= extra + extraLength) {
      int tag = in.u16(DIRECTORY);
      int length = in.u16(DIRECTORY);
      long next = in.position() + length;
      if (tag == ZIP64) {
        size = size == U32_MAX ? in.u64(DIRECTORY) : size;
        packedSize = packedSize == U32_MAX ? in.u64(DIRECTORY) : packedSize;
        header = header == U32_MAX ? in.u64(DIRECTORY) : header;
      }
      in.seek(next);
    }
    in.seek(after);
    String text = new String(name, StandardCharsets.UTF_8);
    if (size < 0 || packedSize < 0 || header < 0) {
      throw in.corrupt(DIRECTORY, extra, "a size of 2^63 or more", "one below");
    }
    return new Member(text, size, packedSize, method, crc, (flags & 1) != 0, header);
  }

  /// Where the bytes of a member begin; they all lie in the file.
  long dataOf(Member member) throws IOException {
    PackedInput in = new PackedInput(file, member.header(), 512);
    expect(in, LOCAL);
    in.skipNBytes(22, "zip local header");
    int nameLength = in.u16("zip local header");
    int extraLength = in.u16("zip local header");
    byte[] name = new byte[nameLength];
    in.readAll(name, 0, nameLength, "zip local header");
    if (!new String(name, StandardCharsets.UTF_8).equals(member.name())) {
      throw in.corrupt(
          "zip local header", member.header(), "another name", "that of the directory");
    }
    long data = in.position() + extraLength;
    if (!file.reaches(data) || file.size() - data < member.packedSize()) {
      throw in.corrupt("zip member", data, "the end of the file", member.packedSize() + " bytes");
    }
    return data;
  }
}
