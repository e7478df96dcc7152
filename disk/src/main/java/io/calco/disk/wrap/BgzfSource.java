package io.calco.disk.wrap;

import io.calco.disk.CorruptImageException;
import io.calco.disk.FileSlice;
import io.calco.disk.HostFile;
import io.calco.disk.UnwrapOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds pieces in gzip members that tell their length (BGZF, as bgzip and Calco write them),
/// without unpacking them. From the first member that does not, pieces are found by unpacking.
final class BgzfSource implements PieceSource {
  /// Members are gathered until they make so many bytes, packed or plain.
  private static final int PIECE = 1 << 20;

  private static final String MEMBER = "BGZF member";
  private static final int MEMBER_MAX = 1 << 16;

  private final HostFile file;
  private final UnwrapOptions options;
  private final PackedInput in;
  private long offset;
  private boolean lastIsEmpty;
  private @Nullable DeflateSource rest;

  /// @param length plain bytes
  /// @param end behind the member
  private record Member(int length, long end) {}

  private BgzfSource(HostFile file, UnwrapOptions options) {
    this.file = file;
    this.options = options;
    // The end of a member and the start of the next are read at once.
    this.in = new PackedInput(file, 0, 32);
  }

  /// True when the first member tells its length.
  static boolean begins(HostFile file) throws IOException {
    return Marks.at(file, 12, 'B', 'C', 2, 0) && Marks.at(file, 3, 4) && Marks.at(file, 10, 6, 0);
  }

  /// The members of `file`, which is closed with the source.
  static BgzfSource owning(HostFile file, UnwrapOptions options) {
    return new BgzfSource(file, options);
  }

  @Override
  public Next next() throws IOException {
    while (rest == null) {
      long start = in.position();
      long end = start;
      long length = 0;
      Optional<Member> member = member();
      while (member.isPresent()) {
        length += member.get().length();
        end = member.get().end();
        lastIsEmpty = member.get().length() == 0;
        member = length < PIECE && end - start < PIECE ? member() : Optional.empty();
      }
      if (length > 0) {
        in.seek(end);
        Piece piece = new Members(offset, Math.toIntExact(length), start, end);
        offset += length;
        return new Found(piece, Optional.empty());
      }
      if (end == start) {
        if (atEnd(end)) {
          return new End();
        }
        rest = DeflateSource.owning(file, start, offset, GzipFraming.INSTANCE, options);
      }
    }
    return rest.next();
  }

  /// A file that was cut between two members lacks the empty one.
  private boolean atEnd(long end) throws IOException {
    in.seek(end);
    if (in.read() >= 0) {
      return false;
    }
    if (!lastIsEmpty) {
      throw CorruptImageException.at(
          file.name(), MEMBER, end, "the end of the file", "an empty member before it");
    }
    return true;
  }

  /// The member that follows, or empty when none does that tells its length; the file is then read
  /// from the same place again.
  private Optional<Member> member() throws IOException {
    long start = in.position();
    byte[] header = new byte[18];
    boolean tells =
        in.readNBytes(header, 0, header.length) == header.length
            && header[0] == 0x1f
            && header[1] == (byte) 0x8b
            && header[2] == 8
            && header[3] == 4
            && header[10] == 6
            && header[11] == 0
            && header[12] == 'B'
            && header[13] == 'C'
            && header[14] == 2
            && header[15] == 0;
    if (!tells) {
      in.seek(start);
      return Optional.empty();
    }
    long end = start + 1 + (header[16] & 0xff | (header[17] & 0xff) << 8);
    if (end - start < header.length + 8) {
      throw in.corrupt(MEMBER, start, end - start + " bytes", "26 or more");
    }
    in.seek(end - 4);
    long length = in.u32(MEMBER);
    if (length > MEMBER_MAX) {
      throw in.corrupt(MEMBER, end - 4, length + " plain bytes", "at most " + MEMBER_MAX);
    }
    return Optional.of(new Member((int) length, end));
  }

  private final class Members extends Piece {
    private final long start;
    private final long end;

    Members(long offset, int length, long start, long end) {
      super(offset, length);
      this.start = start;
      this.end = end;
    }

    @Override
    MemorySegment unpack() throws IOException {
      String name = "%s from 0x%x".formatted(file.name(), start);
      FileSlice packed = FileSlice.owning(name, file, start, end - start);
      MemorySegment bytes =
          DeflateCursor.atStart(packed, 0, GzipFraming.INSTANCE, new Windows(options))
              .unpack(length() + 1);
      if (bytes.byteSize() != length()) {
        throw CorruptImageException.at(
            file.name(), MEMBER, start, bytes.byteSize() + " plain bytes or more", length());
      }
      return bytes;
    }
  }

  @Override
  public void close() throws IOException {
    try (file) {
      if (rest != null) {
        rest.close();
      }
    }
  }
}
