package io.calco.disk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// A run of guest bytes and where in the chain it lies, as `qemu-img map` tells it.
///
/// @param start guest offset
/// @param length bytes
/// @param depth 0 for the image itself, 1 for its backing image …
/// @param present some image of the chain says something of the run
/// @param zero it reads as zeroes
/// @param data it is stored as data
/// @param compressed it is stored compressed
/// @param hostOffset where it begins in `file`, when it is stored as it is, in the clear
/// @param file the image that holds it
public record MapEntry(
    long start,
    long length,
    int depth,
    boolean present,
    boolean zero,
    boolean data,
    boolean compressed,
    OptionalLong hostOffset,
    Optional<Image> file) {

  /// Takes runs, in order.
  public interface Sink {
    /// One run.
    void accept(MapEntry entry) throws IOException;
  }

  /// Walks the disk of `image`; neighbours that say the same are merged.
  public static void walk(Image image, Sink sink) throws IOException {
    walk(image, 0, image.disk().size(), sink);
  }

  /// Walks a part of the disk of `image`, whose first and last run are cut to it.
  ///
  /// @param start the first guest byte, in bytes; `start >= 0`; beyond the end there is nothing
  /// @param maxLength bytes; `maxLength >= 0`; what lies beyond the end does not count
  public static void walk(Image image, long start, long maxLength, Sink sink) throws IOException {
    Optional<MapEntry> pending = Optional.empty();
    long size = image.disk().size();
    long end = start < size ? start + Math.min(maxLength, size - start) : start;
    for (long at = start; at < end; ) {
      MapEntry next = at(image.chain(), at, end - at);
      if (pending.isPresent() && pending.get().joins(next)) {
        pending = Optional.of(pending.get().lengthened(next.length()));
      } else {
        if (pending.isPresent()) {
          sink.accept(pending.get());
        }
        pending = Optional.of(next);
      }
      at += next.length();
    }
    if (pending.isPresent()) {
      sink.accept(pending.get());
    }
  }

  /// All runs as a list; for small images.
  public static List<MapEntry> list(Image image) throws IOException {
    List<MapEntry> all = new ArrayList<>();
    walk(image, all::add);
    return all;
  }

  /// The run at `start` of the top of a chain, at most `maxLength` long.
  static MapEntry at(List<Image> chain, long start, long maxLength) throws IOException {
    long length = maxLength;
    for (int depth = 0; depth < chain.size(); depth++) {
      Image image = chain.get(depth);
      if (start >= image.disk().size()) {
        return zero(start, length, depth, Optional.of(image), true);
      }
      length = Math.min(length, image.disk().size() - start);
      Mapping run = image.formatDisk().mapHere(start, length);
      length = run.length();
      Optional<Image> here = Optional.of(image);
      switch (run) {
        case Mapping.Unallocated none -> {}
        case Mapping.Zero zero -> {
          return zero(start, length, depth, here, true);
        }
        case Mapping.Compressed packed -> {
          return new MapEntry(
              start, length, depth, true, false, true, true, OptionalLong.empty(), here);
        }
        case Mapping.Data data -> {
          return stored(start, depth, image, data);
        }
      }
    }
    return zero(start, length, chain.size() - 1, Optional.empty(), false);
  }

  private static MapEntry stored(long start, int depth, Image image, Mapping.Data data)
      throws IOException {
    Extent extent = image.disk().extentAt(start, data.length());
    return new MapEntry(
        start,
        extent.length(),
        depth,
        true,
        extent.readsZero(),
        !extent.readsZero(),
        false,
        data.file().plain() ? OptionalLong.of(data.hostOffset()) : OptionalLong.empty(),
        Optional.of(image));
  }

  private static MapEntry zero(
      long start, long length, int depth, Optional<Image> file, boolean present) {
    return new MapEntry(
        start, length, depth, present, true, false, false, OptionalLong.empty(), file);
  }

  private boolean joins(MapEntry next) {
    return depth == next.depth
        && present == next.present
        && zero == next.zero
        && data == next.data
        && compressed == next.compressed
        && file.equals(next.file)
        && hostOffset.isPresent() == next.hostOffset.isPresent()
        && (hostOffset.isEmpty() || hostOffset.getAsLong() + length == next.hostOffset.getAsLong());
  }

  private MapEntry lengthened(long more) {
    return new MapEntry(
        start, length + more, depth, present, zero, data, compressed, hostOffset, file);
  }
}
