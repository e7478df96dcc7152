package io.calco.store;

import io.calco.disk.DiskException;
import io.calco.disk.JobContext;
import io.calco.store.backend.Backend;
import io.calco.store.backend.StoredObject;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Counts what roots lead to. Four bytes of memory for each piece: which root it belongs to, or
/// that several have it. Confined.
final class Census {
  private static final int NOBODY = 0;
  private static final int SEVERAL = -1;

  private final Store store;
  private final Inventory inventory;
  private final JobContext job;

  /// By pack, for each slot the number of the root, from 1 on.
  private final Map<ChunkId, int[]> owners = new HashMap<>();

  private final Map<ChunkId, Pack> packs = new HashMap<>();

  /// Bytes that are no zeroes, of pages that were read.
  private final Map<ChunkId, Long> pageData = new HashMap<>();

  private long missing;

  Census(Store store, JobContext job) {
    this.store = store;
    this.inventory = store.inventory();
    this.job = job;
  }

  /// @param counted the names of the roots that count
  StoreCensus run(Predicate<String> counted) throws IOException {
    inventory.refresh();
    RootSurvey survey = store.roots().survey();
    missing += survey.damages().size();
    List<Root> roots = survey.roots().stream().filter(root -> counted.test(root.name())).toList();
    long[] sizes = new long[roots.size()];
    long[] data = new long[roots.size()];
    for (int i = 0; i < roots.size(); i++) {
      job.checkCancelled();
      for (ChunkId part : roots.get(i).parts().values()) {
        count(part, i, sizes, data);
      }
      job.progress("counting", i + 1L, roots.size());
    }
    return census(roots, sizes, data);
  }

  private void count(ChunkId id, int root, long[] sizes, long[] data) throws IOException {
    own(id, root);
    ImageRecord record;
    try {
      record = ImageRecord.decode("record", id, store.reader().read(Kind.RECORD, id));
    } catch (DiskException e) {
      missing++;
      return;
    }
    sizes[root] += record.size();
    for (int page = 0; page < record.pages(); page++) {
      if (!record.page(page).equals(ChunkId.HOLE)) {
        data[root] += countPage(record, page, root);
      }
    }
  }

  /// Marks the page's chunks; bytes in it that are no zeroes.
  private long countPage(ImageRecord record, int page, int root) throws IOException {
    ChunkId id = record.page(page);
    int before = own(id, root);
    Long known = pageData.get(id);
    if (known != null && (before == root + 1 || before == SEVERAL)) {
      return known;
    }
    byte[] chunks;
    try {
      chunks = ChunkMap.readPage(store.reader(), record, page);
    } catch (DiskException e) {
      missing++;
      return 0;
    }
    long bytes = 0;
    long first = (long) page * record.pageChunks();
    for (int i = 0; i < record.chunksIn(page); i++) {
      ChunkId chunk = ChunkId.read(chunks, i * ChunkId.BYTES);
      if (!chunk.equals(ChunkId.HOLE)) {
        bytes += record.lengthOf(first + i);
        own(chunk, root);
      }
    }
    pageData.put(id, bytes);
    return bytes;
  }

  private record Place(Pack pack, int slot) {}

  /// Notes that a root has a piece; who had it before.
  private int own(ChunkId id, int root) throws IOException {
    Place place = find(id);
    if (place == null) {
      missing++;
      return NOBODY;
    }
    Pack pack = place.pack();
    packs.putIfAbsent(pack.name(), pack);
    int[] slots = owners.computeIfAbsent(pack.name(), name -> new int[pack.count()]);
    int before = slots[place.slot()];
    if (before != root + 1) {
      slots[place.slot()] = before == NOBODY ? root + 1 : SEVERAL;
    }
    return before;
  }

  /// The same place each time, of several that hold a piece; packs' tables are read only where the
  /// index leaves a choice.
  private @Nullable Place find(ChunkId id) throws IOException {
    List<Place> candidates = new ArrayList<>(1);
    inventory.visit(id, (pack, slot) -> candidates.add(new Place(pack, slot)));
    if (candidates.size() <= 1) {
      return candidates.isEmpty() ? null : candidates.getFirst();
    }
    try {
      Inventory.Place found = inventory.find(id);
      return found == null ? null : new Place(found.pack(), found.slot());
    } catch (NoSuchFileException | DiskException damaged) {
      return null;
    }
  }

  private StoreCensus census(List<Root> roots, long[] sizes, long[] data) throws IOException {
    long[] own = new long[roots.size()];
    long pieces = 0;
    long distinct = 0;
    long needed = 0;
    for (Map.Entry<ChunkId, int[]> entry : owners.entrySet()) {
      Pack pack = Objects.requireNonNull(packs.get(entry.getKey()));
      PackTable table;
      try {
        table = inventory.table(pack);
      } catch (NoSuchFileException | DiskException gone) {
        missing += Arrays.stream(entry.getValue()).filter(owner -> owner != NOBODY).count();
        continue;
      }
      int[] slots = entry.getValue();
      for (int slot = 0; slot < slots.length; slot++) {
        if (slots[slot] == NOBODY) {
          continue;
        }
        int stored = table.storedLength(slot);
        pieces++;
        needed += stored;
        distinct += table.kind(slot) == Kind.DATA.code() ? table.plainLength(slot) : 0;
        if (slots[slot] != SEVERAL) {
          own[slots[slot] - 1] += stored;
        }
      }
    }
    List<StoreCensus.Cost> costs = new ArrayList<>(roots.size());
    for (int i = 0; i < own.length; i++) {
      costs.add(new StoreCensus.Cost(roots.get(i).name(), sizes[i], data[i], own[i]));
    }
    Backend backend = store.backend();
    List<StoredObject> packObjects = backend.list(Pack.PREFIX);
    long packBytes = bytes(packObjects);
    return new StoreCensus(
        store.encrypted(),
        packObjects.size(),
        packBytes,
        bytes(backend.list("")) - packBytes,
        pieces,
        distinct,
        needed,
        missing,
        uploads(),
        costs);
  }

  private static long bytes(List<StoredObject> objects) {
    return objects.stream().mapToLong(StoredObject::size).sum();
  }

  private int uploads() throws IOException {
    Map<UUID, Session> live =
        new LiveSessions(store.backend(), store.cipher(), Instant.now()).find(damaged -> {});
    return Math.toIntExact(
        live.values().stream()
            .filter(session -> session.purpose() == Session.Purpose.UPLOAD)
            .count());
  }
}
