package io.calco.disk.wrap;

import io.calco.disk.HostFile;
import io.calco.disk.OpenPolicy;
import java.util.List;

/// A plain file in a tar.
///
/// @param name as it stands there
/// @param size its bytes, holes included
/// @param runs where they lie in the tar; what lies between reads as zeroes
record TarMember(String name, long size, List<RunsFile.Run> runs) implements ArchiveMember {
  TarMember {
    runs = List.copyOf(runs);
  }

  /// The member as a file; `tar` stays the caller's.
  RunsFile in(HostFile tar) {
    return RunsFile.of(tar.name() + ": " + OpenPolicy.printable(name), tar, runs, size);
  }
}
