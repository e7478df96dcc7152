package io.calco.disk;

/// How [DiskCopy] copies.
///
/// @param threads how many read and prepare at once; 1–64
/// @param targetIsZero the target reads as zeroes already, so that zero runs need not be written
/// @param sparseLength zero runs of at least this many bytes become holes; 0 writes every allocated
///   byte
/// @param unitLength what the target allocates at once, in bytes; pieces are cut on its grid
/// @param pieceLength bytes that one thread takes at a time
/// @param step the words for the progress display
public record CopyOptions(
    int threads,
    boolean targetIsZero,
    int sparseLength,
    int unitLength,
    int pieceLength,
    String step) {
  private static final int PIECE = 1 << 20;

  /// Checks the ranges.
  public CopyOptions {
    if (threads < 1 || threads > 64 || sparseLength < 0 || unitLength < 1 || pieceLength < 1) {
      throw new IllegalArgumentException(
          "threads %d, sparse %d, unit %d, piece %d"
              .formatted(threads, sparseLength, unitLength, pieceLength));
    }
  }

  /// To an image that was just created.
  public static CopyOptions toNew(Image target, String step) {
    boolean zero = target.newReadsZero();
    return new CopyOptions(defaultThreads(), zero, 4096, target.unitLength(), PIECE, step);
  }

  /// Over whatever the target holds.
  public static CopyOptions over(Image target, String step) {
    return new CopyOptions(defaultThreads(), false, 4096, target.unitLength(), PIECE, step);
  }

  /// To a stream, which leaves out what is zero.
  ///
  /// @param unitLength what the stream holds at once, in bytes
  static CopyOptions toStream(int unitLength, String step) {
    return new CopyOptions(defaultThreads(), true, 4096, unitLength, PIECE, step);
  }

  /// The same with another number of threads.
  public CopyOptions withThreads(int count) {
    return new CopyOptions(count, targetIsZero, sparseLength, unitLength, pieceLength, step);
  }

  /// The same with another shortest hole.
  public CopyOptions withSparseLength(int length) {
    return new CopyOptions(threads, targetIsZero, length, unitLength, pieceLength, step);
  }

  private static int defaultThreads() {
    return Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 8);
  }
}
