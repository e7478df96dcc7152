package io.calco.engine;

import io.calco.catalog.Clone;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A clone and its disk as it is now.
///
/// @param facts what is recorded of it
/// @param allocatedSize host blocks that its disk takes, in bytes; 0 when it is missing
/// @param seed its disc for cloud-init, when that is there
public record CloneReport(Clone facts, long allocatedSize, Optional<Path> seed) {

  /// Looks at a clone's disk.
  public static CloneReport of(Clone clone) throws IOException {
    return new CloneReport(clone, HostDisks.allocatedSize(clone.disk()), CloneSeed.of(clone));
  }

  /// Lines for a `known_hosts` file.
  public List<String> knownHosts() {
    return facts.hostKeys().stream().map(key -> facts.hostname() + " " + key.publicKey()).toList();
  }
}
