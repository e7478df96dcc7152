package io.calco.store;

import io.calco.store.backend.Backend;
import io.calco.store.backend.StoredObject;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Writes index objects anew: without packs that are to go, and small ones in one. What the old
/// ones told is told by new ones before they are deleted.
final class IndexMerge {
  /// An object that tells of fewer packs is worth merging, when there are several.
  private static final int SMALL = 64;

  private final Backend backend;
  private final StoreCipher cipher;
  private final Set<ChunkId> gone;
  private final List<String> replaced = new ArrayList<>();
  private final List<IndexObject.Line> kept = new ArrayList<>();
  private final Set<ChunkId> seen = new HashSet<>();

  /// @param gone the packs that no index may name any more
  IndexMerge(Backend backend, StoreCipher cipher, Set<ChunkId> gone) {
    this.backend = backend;
    this.cipher = cipher;
    this.gone = gone;
  }

  void run() throws IOException {
    for (StoredObject object : backend.list(IndexObject.PREFIX)) {
      take(object.name());
    }
    putFrom(0);
    backend.deleteAll(replaced);
  }

  private void take(String name) throws IOException {
    List<IndexObject.Line> lines;
    try {
      lines = IndexObject.read(backend, cipher, name);
    } catch (NoSuchFileException mergedByAnother) {
      return;
    }
    boolean touched = lines.stream().anyMatch(line -> gone.contains(line.pack.name()));
    if (!touched && lines.size() >= SMALL) {
      return;
    }
    replaced.add(name);
    for (IndexObject.Line line : lines) {
      if (!gone.contains(line.pack.name()) && seen.add(line.pack.name())) {
        kept.add(line);
      }
    }
    while (kept.size() >= IndexObject.PACKS_MAX) {
      putFrom(kept.size() - IndexObject.PACKS_MAX);
    }
  }

  /// Puts the lines from `first` on, and forgets them.
  private void putFrom(int first) throws IOException {
    List<IndexObject.Line> part = kept.subList(first, kept.size());
    if (!part.isEmpty()) {
      IndexObject.put(backend, cipher, part);
      part.clear();
    }
  }
}
