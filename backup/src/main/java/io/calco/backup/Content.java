package io.calco.backup;

import java.util.Optional;
import java.util.OptionalLong;

/// What a partition or a whole disk holds.
///
/// @param kind a file system's or container's name, as blkid has it; empty when it is not known
/// @param uuid its own, as blkid prints it
/// @param label its own; any text, from the disk
/// @param used bytes in use; empty when nobody here can say
record Content(
    Optional<String> kind, Optional<String> uuid, Optional<String> label, OptionalLong used) {

  static final Content UNKNOWN =
      new Content(Optional.empty(), Optional.empty(), Optional.empty(), OptionalLong.empty());
}
