package io.calco.store;

import io.calco.disk.CorruptImageException;
import io.calco.disk.JobContext;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which pieces the roots lead to, a bit each. What several packs hold is needed in one of them
/// only: in one that is not condemned, where there is a choice.
///
/// Confined.
final class LiveSet {
  private record Candidate(Pack pack, int slot) {}

  private final Inventory inventory;
  private final PieceReader reader;
  private final String place;
  private final Set<ChunkId> condemned;
  private final Map<ChunkId, BitSet> live = new HashMap<>();

  /// @param condemned names of packs
  LiveSet(Store store, Set<ChunkId> condemned) {
    this.inventory = store.inventory();
    this.reader = store.reader();
    this.place = store.backend().place();
    this.condemned = condemned;
  }

  /// Marks all that the roots lead to.
  ///
  /// @throws CorruptImageException when what a root leads to is not there: nothing may be deleted
  ///   then
  void mark(List<Root> roots, JobContext job) throws IOException {
    long done = 0;
    for (Root root : roots) {
      job.checkCancelled();
      for (ChunkId part : root.parts().values()) {
        markImage(root, part);
      }
      done++;
      job.progress("finding what is needed", done, roots.size());
    }
  }

  private void markImage(Root root, ChunkId id) throws IOException {
    if (!mark(root, Kind.RECORD, id)) {
      return;
    }
    ImageRecord record = ImageRecord.decode(place, id, reader.read(Kind.RECORD, id));
    for (int page = 0; page < record.pages(); page++) {
      if (!record.page(page).equals(ChunkId.HOLE) && mark(root, Kind.PAGE, record.page(page))) {
        byte[] chunks = ChunkMap.readPage(reader, record, page);
        for (int at = 0; at < chunks.length; at += ChunkId.BYTES) {
          ChunkId chunk = ChunkId.read(chunks, at);
          if (!chunk.equals(ChunkId.HOLE)) {
            mark(root, Kind.DATA, chunk);
          }
        }
      }
    }
  }

  /// Marks a piece; false when it was marked before.
  private boolean mark(Root root, Kind kind, ChunkId id) throws IOException {
    Candidate chosen = locate(root, kind, id);
    BitSet bits = live.computeIfAbsent(chosen.pack.name(), name -> new BitSet(chosen.pack.count()));
    boolean first = !bits.get(chosen.slot);
    bits.set(chosen.slot);
    return first;
  }

  /// A piece's place. A root put since the index was read has packs that are newer too.
  private Candidate locate(Root root, Kind kind, ChunkId id) throws IOException {
    Candidate known = find(id);
    if (known != null) {
      return known;
    }
    inventory.refresh();
    Candidate added = find(id);
    if (added == null) {
      throw new CorruptImageException(
          "%s: root \"%s\" leads to the %s %s, which is not in the store; nothing is collected"
              .formatted(place, root.name(), kind.name().toLowerCase(java.util.Locale.ROOT), id));
    }
    return added;
  }

  private @Nullable Candidate find(ChunkId id) throws IOException {
    List<Candidate> candidates = new ArrayList<>(1);
    inventory.visit(id, (pack, slot) -> candidates.add(new Candidate(pack, slot)));
    return candidates.size() == 1 ? candidates.getFirst() : choose(id, candidates);
  }

  /// The place that keeps a piece which several may hold: one that is marked already, else one that
  /// is not condemned, else any.
  private @Nullable Candidate choose(ChunkId id, List<Candidate> candidates) throws IOException {
    Candidate chosen = null;
    for (Candidate candidate : candidates) {
      if (holds(candidate, id) && (chosen == null || rank(candidate) > rank(chosen))) {
        chosen = candidate;
      }
    }
    return chosen;
  }

  private int rank(Candidate candidate) {
    if (condemned.contains(candidate.pack.name())) {
      return 0;
    }
    return of(candidate.pack).get(candidate.slot) ? 2 : 1;
  }

  private boolean holds(Candidate candidate, ChunkId id) throws IOException {
    try {
      PackTable table = inventory.table(candidate.pack);
      return candidate.slot < table.count() && table.id(candidate.slot).equals(id);
    } catch (NoSuchFileException gone) {
      return false;
    }
  }

  /// The slots that are needed of a pack.
  BitSet of(Pack pack) {
    return live.getOrDefault(pack.name(), new BitSet());
  }
}
