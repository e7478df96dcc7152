package io.calco.engine.backup;

import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.LimitExceededException;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemType;
import io.calco.fs.FileSystems;
import io.calco.fs.swap.Swap;
import io.calco.volume.lvm.PhysicalVolume;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What lies in a partition or in a logical volume, as far as it can be made shorter. Confined.
sealed interface Content permits Content.Kept, Content.SwapArea, Content.Files, GroupContent {
  /// Families of which nothing lies behind the end that they tell.
  Set<String> ENDS_WITH_ITSELF = Set.of("ext", "xfs", "btrfs");

  /// Content made shorter.
  ///
  /// @param disk at most as long as was asked for; lives as long as the disk that it was in
  /// @param steps what more is to be told of it, a line each
  record Shorter(Disk disk, List<String> steps) {
    /// Copies the list.
    public Shorter {
      steps = List.copyOf(steps);
    }
  }

  /// Bytes that it needs as it is.
  long size();

  /// Bytes that it needs at least.
  long least();

  /// What is left of it in so many bytes.
  ///
  /// @param length at least [#least], less than [#size]
  Shorter shortened(long length) throws IOException;

  /// Why it needs so much, after its place's name: for a person.
  default String inTheWay() {
    return "holds %d bytes".formatted(least());
  }

  /// Looks into a partition.
  ///
  /// @param kind what it holds when nothing here can tell
  static Content of(Disk part, String kind) throws IOException {
    try {
      Optional<PhysicalVolume> volume = PhysicalVolume.find(part);
      return volume.isPresent() ? GroupContent.of(volume.get()) : inVolume(part, kind);
    } catch (DiskException e) {
      return new Kept(part.size(), String.valueOf(e.getMessage()));
    }
  }

  /// Looks into a logical volume, where a group counts as what Calco does not know.
  static Content inVolume(Disk part, String kind) throws IOException {
    Optional<Swap> swap = Swap.find(part);
    if (swap.isPresent()) {
      long shortest = Math.min(part.size(), Swap.SHORTEST);
      return swap.get().shortened(shortest).isPresent()
          ? new SwapArea(swap.get(), part.size(), shortest)
          : new Kept(part.size(), "a swap area with bad pages");
    }
    long size = sizeOf(part);
    Optional<FileSystemType> type = FileSystems.probe(part);
    if (type.isEmpty()) {
      return new Kept(size, kind + ", which Calco does not shrink");
    }
    try {
      return new Files(part, size, type.get(), type.get().leastSize(part));
    } catch (DiskException e) {
      return new Kept(size, String.valueOf(e.getMessage()));
    }
  }

  /// Bytes from a partition's start that what is in it needs as it is: all of them, but where a
  /// file system ends before.
  static long sizeOf(Disk part) throws IOException {
    Optional<FileSystemType> type = FileSystems.probe(part);
    if (type.isPresent() && ENDS_WITH_ITSELF.contains(type.get().name())) {
      try (FileSystem found = type.get().openReadOnly(part)) {
        return found.facts().size();
      } catch (DiskException e) {
        // Damaged: it goes as it is, in full.
      }
    }
    return part.size();
  }

  /// What stays as long as it is.
  ///
  /// @param why one sentence
  record Kept(long size, String why) implements Content {
    @Override
    public long least() {
      return size;
    }

    @Override
    public Shorter shortened(long length) {
      throw new IllegalArgumentException("%d of %d bytes".formatted(length, size));
    }

    @Override
    public String inTheWay() {
      return "stays as long as it is: " + why;
    }
  }

  /// A swap area.
  record SwapArea(Swap swap, long size, long least) implements Content {
    @Override
    public Shorter shortened(long length) throws IOException {
      return new Shorter(swap.shortened(length).orElseThrow(), List.of());
    }
  }

  /// A file system that can be shrunk.
  record Files(Disk part, long size, FileSystemType type, long least) implements Content {
    @Override
    public String inTheWay() {
      return Content.super.inTheWay()
          + (type.name().equals("xfs") ? " (XFS loses only what is free at its end)" : "");
    }

    @Override
    public Shorter shortened(long length) throws IOException {
      try {
        return new Shorter(type.shrunk(part, length), List.of());
      } catch (LimitExceededException e) {
        // Blocks are scattered otherwise at each size; the least one was tried.
        return new Shorter(type.shrunk(part, least), List.of());
      }
    }
  }
}
