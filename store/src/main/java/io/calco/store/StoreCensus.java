package io.calco.store;

import java.util.List;

/// What a store holds, and what it takes.
///
/// @param encrypted whether it is sealed
/// @param packs packs
/// @param packBytes their bytes, garbage among them
/// @param otherBytes bytes of the index, roots and all other objects
/// @param pieces pieces that roots lead to
/// @param distinctBytes bytes of content among them, unpacked
/// @param neededBytes bytes of the pieces that roots lead to, as they are stored
/// @param missing pieces that roots lead to and that are not there; a verification tells more
/// @param uploads uploads that run
/// @param roots what each root leads to
public record StoreCensus(
    boolean encrypted,
    int packs,
    long packBytes,
    long otherBytes,
    long pieces,
    long distinctBytes,
    long neededBytes,
    long missing,
    int uploads,
    List<Cost> roots) {

  /// Copies the list.
  public StoreCensus {
    roots = List.copyOf(roots);
  }

  /// What a root leads to.
  ///
  /// @param root its name
  /// @param size bytes of all its disks and blobs
  /// @param dataBytes those that are no zeroes
  /// @param ownBytes bytes as stored that no other root leads to: what is free once it is removed
  public record Cost(String root, long size, long dataBytes, long ownBytes) {}

  /// Bytes of all disks and blobs.
  public long size() {
    return roots.stream().mapToLong(Cost::size).sum();
  }

  /// Bytes of all disks and blobs that are no zeroes.
  public long dataBytes() {
    return roots.stream().mapToLong(Cost::dataBytes).sum();
  }

  /// Bytes of packs that no root leads to, about: what a collection would free when all is said.
  public long garbageBytes() {
    return Math.max(0, packBytes - neededBytes);
  }
}
