package io.calco.store;

import io.calco.disk.CorruptImageException;
import io.calco.disk.DiskException;
import io.calco.disk.JobContext;
import io.calco.store.backend.Backend;
import io.calco.store.backend.StoredObject;
import io.calco.sys.ProcessMark;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// Deletes what no root leads to, beside uploads that run; why it never deletes what one of them is
/// about to use stands in the package's description.
///
/// Confined; another process may collect at the same time.
final class Collector {
  /// A pack is rewritten when less than this share of it, in percent, is needed.
  private static final int WORTH_KEEPING = 60;

  private final Store store;
  private final Backend backend;
  private final StoreCipher cipher;
  private final Inventory inventory;
  private final Instant now;
  private final JobContext job;
  private final LiveSessions sessions;

  Collector(Store store, Instant now, JobContext job) {
    this.store = store;
    this.backend = store.backend();
    this.cipher = store.cipher();
    this.inventory = store.inventory();
    this.now = now;
    this.job = job;
    this.sessions = new LiveSessions(backend, cipher, now);
  }

  /// Finishes earlier collections as far as it can, begins another, and finishes that if nobody is
  /// in the way.
  CollectionReport run() throws IOException {
    UUID session = store.sessions().begin(Session.Purpose.COLLECTION);
    try {
      sessions.checkAlone(session);
      CollectionReport finished = finish(session);
      CollectionReport begun = condemn(session);
      CollectionReport deleted = finish(session);
      backend.sweep();
      return finished.plus(begun).plus(deleted);
    } finally {
      store.sessions().end(session);
    }
  }

  // ---- The first half: find what is not needed, and say so.

  /// What is not needed.
  private static final class Found {
    /// Packs to delete, those that are emptied among them.
    final Set<ChunkId> condemned = new LinkedHashSet<>();

    /// Packs that are mostly garbage, with the slots that are needed.
    final Map<Pack, BitSet> emptied = new LinkedHashMap<>();

    /// Bytes of all packs that are listed.
    final Map<ChunkId, Long> lengths = new HashMap<>();

    /// What was condemned before.
    Set<ChunkId> already = Set.of();

    int uploads;
  }

  private Found search() throws IOException {
    Found found = new Found();
    Set<UUID> writers = new HashSet<>();
    for (Session session : sessions.find().values()) {
      if (session.purpose() == Session.Purpose.UPLOAD) {
        writers.add(session.writer());
        found.uploads++;
      }
    }
    for (StoredObject object : backend.list(Pack.PREFIX)) {
      found.lengths.put(packName(object.name()), object.size());
    }
    store.sessions().look();
    inventory.checkSound();
    found.already = inventory.condemned();
    LiveSet live = new LiveSet(store, found.already);
    live.mark(roots(), job);
    found.condemned.addAll(found.lengths.keySet());
    for (Pack pack : inventory.packs()) {
      found.condemned.remove(pack.name());
      if (found.already.contains(pack.name()) || writers.contains(pack.writer())) {
        continue;
      }
      BitSet needed = live.of(pack);
      if (needed.isEmpty()) {
        found.condemned.add(pack.name());
      } else if (needed.cardinality() < pack.count() && mostlyGarbage(pack, needed)) {
        found.emptied.put(pack, needed);
        found.condemned.add(pack.name());
      }
    }
    found.condemned.removeAll(found.already);
    return found;
  }

  /// All roots; what a damaged one needs is not known, so that nothing may be deleted then.
  private List<Root> roots() throws IOException {
    try {
      return store.roots().all();
    } catch (DiskException damaged) {
      throw new CorruptImageException(damaged.getMessage() + "; nothing is collected");
    }
  }

  /// What [#run] would do now; changes nothing.
  CollectionPlan plan() throws IOException {
    Found found = search();
    long emptiedBytes = 0;
    long keptBytes = 0;
    for (Map.Entry<Pack, BitSet> emptied : found.emptied.entrySet()) {
      emptiedBytes += emptied.getKey().length();
      keptBytes += storedBytes(emptied.getKey(), emptied.getValue());
    }
    return new CollectionPlan(
        found.condemned.size() - found.emptied.size(),
        bytes(found, found.condemned) - emptiedBytes,
        found.emptied.size(),
        emptiedBytes,
        keptBytes,
        found.already.size(),
        bytes(found, found.already),
        found.uploads);
  }

  private static long bytes(Found found, Set<ChunkId> packs) {
    return packs.stream().mapToLong(pack -> found.lengths.getOrDefault(pack, 0L)).sum();
  }

  private CollectionReport condemn(UUID ownSession) throws IOException {
    long failuresBefore = store.writer().failures();
    Found found = search();
    long moved = 0;
    for (Map.Entry<Pack, BitSet> emptied : found.emptied.entrySet()) {
      move(emptied.getKey(), emptied.getValue());
      moved += emptied.getKey().length();
    }
    store.writer().flush();
    store.writer().checkSince(failuresBefore);
    if (!found.condemned.isEmpty()) {
      publish(Condemned.of(found.condemned, now), ownSession);
    }
    return new CollectionReport(0, 0, moved, found.condemned.size(), 0);
  }

  /// Makes the list known, and only then asks who may not have seen it.
  private void publish(Condemned list, UUID ownSession) throws IOException {
    list.put(backend, cipher);
    list.awaiting(awaited(ownSession), now).put(backend, cipher);
  }

  /// Who lives, with their beats, but for this collection: it looks at all lists when it begins.
  private Map<UUID, Long> awaited(UUID ownSession) throws IOException {
    Map<UUID, Long> awaited = new HashMap<>();
    for (Session session : sessions.find().values()) {
      if (!session.id().equals(ownSession)) {
        awaited.put(session.id(), session.beat());
      }
    }
    return awaited;
  }

  private static ChunkId packName(String object) {
    return ChunkId.parse(object.substring(object.lastIndexOf('/') + 1));
  }

  private boolean mostlyGarbage(Pack pack, BitSet needed) throws IOException {
    return storedBytes(pack, needed) * 100 < pack.length() * WORTH_KEEPING;
  }

  private long storedBytes(Pack pack, BitSet needed) throws IOException {
    PackTable table = inventory.table(pack);
    long bytes = 0;
    for (int slot = needed.nextSetBit(0); slot >= 0; slot = needed.nextSetBit(slot + 1)) {
      bytes += table.storedLength(slot);
    }
    return bytes;
  }

  /// Copies what is needed to new packs, compared with its hash on the way.
  private void move(Pack pack, BitSet needed) throws IOException {
    PackTable table = inventory.table(pack);
    for (int slot = needed.nextSetBit(0); slot >= 0; slot = needed.nextSetBit(slot + 1)) {
      job.checkCancelled();
      Kind kind = Kind.of(table.kind(slot));
      ChunkId id = table.id(slot);
      byte[] plain = store.reader().readCompared(kind, id, new Inventory.Place(pack, table, slot));
      store.add(kind, id, plain, plain.length);
    }
  }

  // ---- The second half: when nobody can need it any more, delete it.

  private CollectionReport finish(UUID ownSession) throws IOException {
    int deleted = 0;
    long deletedBytes = 0;
    int waiting = 0;
    Set<UUID> awaited = new HashSet<>();
    List<Condemned> ready = new ArrayList<>();
    for (Condemned list : Condemned.readAll(backend, cipher)) {
      Set<UUID> stillAwaited = stillAwaited(list, ownSession);
      if (stillAwaited.isEmpty()) {
        ready.add(list);
      } else {
        waiting += list.packs().size();
        awaited.addAll(stillAwaited);
      }
    }
    for (Condemned list : ready) {
      Condemned spared = spare(list);
      deletedBytes += delete(spared);
      deleted += spared.packs().size();
    }
    return new CollectionReport(deleted, deletedBytes, 0, waiting, awaited.size());
  }

  private Set<UUID> stillAwaited(Condemned list, UUID ownSession) throws IOException {
    Map<UUID, Session> live = sessions.find();
    if (!list.complete()) {
      // Its collector was killed before it had looked: whoever lives now may not have seen it.
      Map<UUID, Long> awaited = awaited(ownSession);
      Condemned known = list.awaiting(awaited, now);
      known.put(backend, cipher);
      return known.awaited().keySet();
    }
    Set<UUID> still = new HashSet<>();
    for (Map.Entry<UUID, Long> entry : list.awaited().entrySet()) {
      Session session = live.get(entry.getKey());
      if (session == null) {
        continue;
      }
      boolean silent =
          session.beat() == entry.getValue()
              && Duration.between(list.looked(), now).compareTo(LiveSessions.SILENCE) > 0
              && LiveSessions.state(session) == ProcessMark.State.UNKNOWN;
      if (silent) {
        store.roots().endSession(session.id());
      } else {
        still.add(session.id());
      }
    }
    return still;
  }

  /// Takes off the list what is needed after all: what the uploads that were awaited have used.
  private Condemned spare(Condemned list) throws IOException {
    Set<ChunkId> all = Condemned.packsOf(Condemned.readAll(backend, cipher));
    inventory.refresh();
    LiveSet live = new LiveSet(store, all);
    inventory.checkSound();
    live.mark(roots(), job);
    Set<ChunkId> needed = new HashSet<>();
    for (Pack pack : inventory.packs()) {
      if (list.packs().contains(pack.name()) && !live.of(pack).isEmpty()) {
        needed.add(pack.name());
      }
    }
    if (needed.isEmpty()) {
      return list;
    }
    Condemned spared = list.without(needed);
    spared.put(backend, cipher);
    return spared;
  }

  /// Write order: an index without the packs, then the old index away, then the packs, then the
  /// list.
  private long delete(Condemned list) throws IOException {
    new IndexMerge(backend, cipher, list.packs()).run();
    long bytes = 0;
    List<String> packs = new ArrayList<>();
    for (StoredObject object : backend.list(Pack.PREFIX)) {
      if (list.packs().contains(packName(object.name()))) {
        bytes += object.size();
        packs.add(object.name());
      }
    }
    backend.deleteAll(packs);
    backend.delete(list.object());
    inventory.refresh();
    return bytes;
  }
}
