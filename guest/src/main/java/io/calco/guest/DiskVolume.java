package io.calco.guest;

import io.calco.fs.FileSystemFacts;
import io.calco.volume.Partition;
import java.util.Optional;

/// A place on a guest's disk that may hold files: a partition, or the whole disk.
///
/// @param partition empty for the whole disk
/// @param content what it holds, as `blkid` names it: `ext4`, `vfat`, `swap`, `crypto_LUKS` …
/// @param facts what its superblock says, when it can be opened
/// @param unreadable why it cannot be opened, though it holds something
public record DiskVolume(
    Optional<Partition> partition,
    Optional<String> content,
    Optional<FileSystemFacts> facts,
    Optional<String> unreadable) {

  /// For a person: `partition 3` or `whole disk`.
  public String describe() {
    return partition.map(p -> "partition " + p.number()).orElse("whole disk");
  }
}
