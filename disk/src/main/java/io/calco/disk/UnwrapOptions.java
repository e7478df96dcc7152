package io.calco.disk;

import java.nio.file.Path;
import java.util.Optional;

/// What may come out of wrappers, and where it may lie meanwhile.
///
/// A sparse raw image packs a thousandfold and more, so a ratio alone proves nothing: it counts
/// only beyond a size at which a true image of that ratio would be a curiosity. What is packed in
/// pieces is never laid down anywhere; the rest goes to a scratch file, whose zeroes take no space.
///
/// @param outputLimit bytes that may come out; 0 to 2^61
/// @param ratioLimit at least 1: bytes that may come out for each byte of the wrapped file, once
///   more than `ratioFrom` have come out
/// @param ratioFrom bytes that may come out whatever the ratio
/// @param scratchDirectory where scratch files lie; they have no names there
/// @param scratchReserve bytes that scratch files leave free in that file system
/// @param member which file of an archive is meant, by its name as it stands there; otherwise there
///   must be exactly one that can be a disk
public record UnwrapOptions(
    long outputLimit,
    long ratioLimit,
    long ratioFrom,
    Path scratchDirectory,
    long scratchReserve,
    Optional<String> member) {

  private static final long OUTPUT_MAX = 1L << 61;

  /// Checks the limits.
  public UnwrapOptions {
    if (outputLimit < 0 || outputLimit > OUTPUT_MAX || ratioLimit < 1 || ratioFrom < 0) {
      throw new IllegalArgumentException(
          "output limit %d, ratio limit %d from %d".formatted(outputLimit, ratioLimit, ratioFrom));
    }
  }

  /// For the user's own files.
  public static UnwrapOptions defaults() {
    return new UnwrapOptions(
        64L << 40,
        1 << 16,
        1L << 40,
        Path.of(System.getProperty("java.io.tmpdir")),
        1L << 30,
        Optional.empty());
  }

  /// For files of strangers: at most 2 TiB come out, and beyond 16 GiB no more than a sparse disk
  /// packed by gzip would give.
  public static UnwrapOptions untrusted() {
    UnwrapOptions defaults = defaults();
    return new UnwrapOptions(
        2L << 40, 1100, 16L << 30, defaults.scratchDirectory, 4L << 30, Optional.empty());
  }

  /// The same with another limit of what may come out, in bytes.
  public UnwrapOptions withOutputLimit(long bytes) {
    return new UnwrapOptions(
        bytes, ratioLimit, ratioFrom, scratchDirectory, scratchReserve, member);
  }

  /// The same with another limit of what may come out for each byte, beyond `from` bytes.
  public UnwrapOptions withRatioLimit(long ratio, long from) {
    return new UnwrapOptions(outputLimit, ratio, from, scratchDirectory, scratchReserve, member);
  }

  /// The same with another place for scratch files, where `reserve` bytes stay free.
  public UnwrapOptions withScratch(Path directory, long reserve) {
    return new UnwrapOptions(outputLimit, ratioLimit, ratioFrom, directory, reserve, member);
  }

  /// The same with one file of the archive chosen.
  public UnwrapOptions withMember(String name) {
    return new UnwrapOptions(
        outputLimit, ratioLimit, ratioFrom, scratchDirectory, scratchReserve, Optional.of(name));
  }
}
