package io.calco.disk;

import io.calco.sys.Cryptography;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;

/// The digest of a whole file, as `sha256sum` prints it. Holes are not read; reading goes on beside
/// hashing.
public final class FileDigest {
  private static final int PIECE = 1 << 20;
  private static final MemorySegment ZEROES = Arena.global().allocate(PIECE);

  private FileDigest() {}

  /// SHA-256 of the file's bytes, in hexadecimal.
  public static String sha256(Path file, JobContext job) throws IOException {
    MessageDigest digest = Cryptography.sha256();
    ImageOptions raw = ImageOptions.reading().withFormat("raw");
    try (Image image = Image.open(file, raw)) {
      Pieces pieces = new Pieces(image.disk(), job);
      OrderedWork.run(2, () -> new Station(pieces, digest));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /// Hands out the file in order, piece by piece.
  private static final class Pieces {
    private final Disk file;
    private final JobContext job;
    private long at;
    private Extent extent;

    Pieces(Disk file, JobContext job) throws IOException {
      this.file = file;
      this.job = job;
      this.extent = new Extent(0, 1, true, true);
    }

    /// Takes the next piece of at most [#PIECE] bytes; its length, 0 at the end.
    int next() throws IOException {
      job.checkCancelled();
      job.progress("hashing", at, file.size());
      if (at == file.size()) {
        return 0;
      }
      if (at == 0 || at >= extent.end()) {
        extent = file.extentAt(at, file.size() - at);
      }
      int length = Math.toIntExact(Math.min(PIECE, extent.end() - at));
      at += length;
      return length;
    }
  }

  private static final class Station implements OrderedWork.Station {
    private final Pieces pieces;
    private final MessageDigest digest;
    private final MemorySegment buffer = Arena.ofAuto().allocate(PIECE);
    private long offset;
    private int length;
    private boolean hole;

    Station(Pieces pieces, MessageDigest digest) {
      this.pieces = pieces;
      this.digest = digest;
    }

    @Override
    public boolean take() throws IOException {
      length = pieces.next();
      offset = pieces.at - length;
      hole = pieces.extent.readsZero();
      return length > 0;
    }

    @Override
    public void prepare() throws IOException {
      if (!hole) {
        pieces.file.read(offset, buffer.asSlice(0, length));
      }
    }

    @Override
    public void finish() {
      MemorySegment bytes = hole ? ZEROES : buffer;
      digest.update(bytes.asSlice(0, length).asByteBuffer());
    }

    @Override
    public void close() {}
  }
}
