package io.calco.sys.fuse;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The nodes that the kernel knows, under the numbers that it knows them by, until it forgets them.
/// Thread rule: safe.
final class FuseNodes {
  static final long ROOT = 1;

  /// A node that the kernel knows.
  static final class Known {
    private final long id;
    private final Key key;
    private final FuseNode node;
    private long lookups;
    private @Nullable List<FuseNode.Entry> listing;

    private Known(long id, Key key, FuseNode node) {
      this.id = id;
      this.key = key;
      this.node = node;
    }

    long id() {
      return id;
    }

    FuseNode node() {
      return node;
    }

    /// A directory's entries, listed anew when they are read from the beginning.
    synchronized List<FuseNode.Entry> listing(long from) throws IOException {
      List<FuseNode.Entry> now = listing;
      if (now == null || from == 0) {
        now = node.entries();
      }
      listing = now;
      return now;
    }

    /// They have been read.
    synchronized void forgetListing() {
      listing = null;
    }
  }

  private record Key(long parent, String name) {}

  private final Map<Long, Known> known = new HashMap<>();
  private final Map<Key, Known> byName = new HashMap<>();
  private long last = ROOT;

  FuseNodes(FuseNode root) {
    known.put(ROOT, new Known(ROOT, new Key(0, ""), root));
  }

  synchronized Optional<Known> find(long id) {
    return Optional.ofNullable(known.get(id));
  }

  /// What a directory holds under a name; the kernel knows it from now on.
  Optional<Known> look(Known parent, String name) throws IOException {
    Key key = new Key(parent.id, name);
    synchronized (this) {
      Known already = byName.get(key);
      if (already != null) {
        already.lookups++;
        return Optional.of(already);
      }
    }
    Optional<FuseNode> child = parent.node.child(name);
    return child.map(node -> add(key, node));
  }

  private synchronized Known add(Key key, FuseNode node) {
    Known one = byName.get(key);
    if (one == null) {
      one = new Known(++last, key, node);
      byName.put(key, one);
      known.put(one.id, one);
    }
    one.lookups++;
    return one;
  }

  /// The kernel forgets that many lookups of a node.
  synchronized void forget(long id, long lookups) {
    Known one = known.get(id);
    if (one != null && id != ROOT) {
      one.lookups -= lookups;
      if (one.lookups <= 0) {
        known.remove(id);
        byName.remove(one.key);
      }
    }
  }
}
