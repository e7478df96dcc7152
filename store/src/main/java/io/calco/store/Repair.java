package io.calco.store;

import io.calco.disk.DiskException;
import io.calco.disk.JobContext;
import io.calco.store.backend.StoredObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Mends what a verification found. Write order: new packs, then an index of all sound packs, then
/// the old index and the damaged packs away. Confined.
final class Repair {
  private final Store store;
  private final Verifier found;
  private final Optional<Store> other;
  private final JobContext job;

  Repair(Store store, Verifier found, Optional<Store> other, JobContext job) {
    this.store = store;
    this.found = found;
    this.other = other;
    this.job = job;
  }

  /// True when something was mended, so that it is worth looking again.
  boolean run() throws IOException {
    List<String> oldIndex =
        store.backend().list(IndexObject.PREFIX).stream().map(StoredObject::name).toList();
    long failuresBefore = store.writer().failures();
    boolean rescued = rescue();
    boolean fetched = fetch();
    store.writer().flush();
    store.writer().checkSince(failuresBefore);
    boolean reindexed = found.indexDamaged();
    if (rescued || fetched || reindexed || !found.badPacks().isEmpty()) {
      putIndex();
      for (String name : oldIndex) {
        store.backend().delete(name);
      }
      for (String pack : found.badPacks()) {
        store.backend().delete(pack);
      }
      return true;
    }
    return false;
  }

  /// Copies what is sound in damaged packs to new ones.
  private boolean rescue() throws IOException {
    boolean any = false;
    for (Pack pack : store.inventory().packs()) {
      if (!found.badPacks().contains(pack.object())) {
        continue;
      }
      PackTable table = store.inventory().table(pack);
      for (int slot = 0; slot < table.count(); slot++) {
        job.checkCancelled();
        if (!found.isDamaged(pack, slot)) {
          Kind kind = Kind.of(table.kind(slot));
          add(
              kind,
              table.id(slot),
              store
                  .reader()
                  .readCompared(kind, table.id(slot), new Inventory.Place(pack, table, slot)));
          any = true;
        }
      }
    }
    return any;
  }

  /// Takes from the other store what is missing here.
  private boolean fetch() throws IOException {
    if (other.isEmpty()) {
      return false;
    }
    boolean any = false;
    for (Map.Entry<ChunkId, Kind> piece : found.missing().entrySet()) {
      job.checkCancelled();
      try {
        add(
            piece.getValue(),
            piece.getKey(),
            other.get().reader().readCompared(piece.getValue(), piece.getKey()));
        any = true;
      } catch (DiskException notThereEither) {
        // Stays lost, and in the report.
      }
    }
    return any;
  }

  private void add(Kind kind, ChunkId id, byte[] plain) {
    store.add(kind, id, plain, plain.length);
  }

  private void putIndex() throws IOException {
    List<IndexObject.Line> lines = new ArrayList<>();
    Set<String> bad = new HashSet<>(found.badPacks());
    for (Pack pack : store.inventory().packs()) {
      if (!bad.contains(pack.object())) {
        lines.add(new IndexObject.Line(pack, store.inventory().table(pack).prefixes()));
      }
    }
    IndexObject.putAll(store.backend(), store.cipher(), lines);
  }
}
