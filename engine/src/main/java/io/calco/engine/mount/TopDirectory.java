package io.calco.engine.mount;

import io.calco.sys.fuse.FuseNode;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// A directory of what is shown, in an order of its own. Safe.
final class TopDirectory implements FuseNode {
  private static final int MODE = 0500;
  private static final long INODE = 1;

  private final SequencedMap<String, FuseNode> members;
  private final Instant modified;

  TopDirectory(SequencedMap<String, FuseNode> members, Instant modified) {
    this.members = members;
    this.modified = modified;
  }

  @Override
  public Status status() {
    return new Status(INODE, Kind.DIRECTORY, MODE, 0, 0, 2, 0, 0, modified);
  }

  @Override
  public Optional<FuseNode> child(String name) {
    return Optional.ofNullable(members.get(name));
  }

  @Override
  public List<Entry> entries() throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, FuseNode> member : members.entrySet()) {
      Status status = member.getValue().status();
      entries.add(new Entry(member.getKey(), status.inode(), status.kind()));
    }
    return entries;
  }
}
