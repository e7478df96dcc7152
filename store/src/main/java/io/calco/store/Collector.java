package io.calco.store;

import io.calco.disk.CorruptImageException;
import io.calco.disk.DiskException;
import io.calco.disk.JobContext;
import io.calco.disk.ThreadEnd;
import io.calco.store.backend.Backend;
import io.calco.store.backend.StoredObject;
import io.calco.sys.ProcessMark;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Future;

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

  /// By this collection, before it made its list.
  private Found found = new Found();

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

    /// All packs that are listed.
    final Map<ChunkId, StoredObject> packs = new HashMap<>();

    /// What was condemned before.
    Set<ChunkId> already = Set.of();

    /// The roots whose pieces are all marked.
    final Set<UUID> marked = new HashSet<>();

    /// The list that came of it; empty when there is none.
    String list = "";

    int uploads;
  }

  /// @param without names of roots that count as removed
  private Found search(Set<String> without) throws IOException {
    Found result = new Found();
    Set<UUID> writers = new HashSet<>();
    for (Session session : sessions.find().values()) {
      if (session.purpose() == Session.Purpose.UPLOAD) {
        writers.add(session.writer());
        result.uploads++;
      }
    }
    result.packs.putAll(listPacks());
    store.sessions().look();
    inventory.checkSound();
    result.already = inventory.condemned();
    LiveSet live = new LiveSet(store, result.already);
    List<Root> roots = new ArrayList<>(roots());
    roots.removeIf(root -> without.contains(root.name()));
    live.mark(roots, job);
    roots.forEach(root -> result.marked.add(root.id()));
    result.condemned.addAll(result.packs.keySet());
    for (Pack pack : inventory.packs()) {
      result.condemned.remove(pack.name());
      if (result.already.contains(pack.name()) || writers.contains(pack.writer())) {
        continue;
      }
      BitSet needed = live.of(pack);
      if (needed.isEmpty()) {
        result.condemned.add(pack.name());
      } else if (needed.cardinality() < pack.count() && mostlyGarbage(pack, needed)) {
        result.emptied.put(pack, needed);
        result.condemned.add(pack.name());
      }
    }
    result.condemned.removeAll(result.already);
    return result;
  }

  /// All roots; what a damaged one needs is not known, so that nothing may be deleted then.
  private List<Root> roots() throws IOException {
    try {
      return store.roots().all();
    } catch (DiskException damaged) {
      throw new CorruptImageException(damaged.getMessage() + "; nothing is collected");
    }
  }

  /// What [#run] would do when some roots were removed; changes nothing.
  ///
  /// @param without their names
  CollectionPlan plan(Set<String> without) throws IOException {
    found = search(without);
    long emptiedBytes = 0;
    long keptBytes = 0;
    for (Map.Entry<Pack, BitSet> emptied : found.emptied.entrySet()) {
      emptiedBytes += emptied.getKey().length();
      keptBytes += storedBytes(emptied.getKey(), emptied.getValue());
    }
    return new CollectionPlan(
        found.condemned.size() - found.emptied.size(),
        bytes(found.packs, found.condemned) - emptiedBytes,
        found.emptied.size(),
        emptiedBytes,
        keptBytes,
        found.already.size(),
        bytes(found.packs, found.already),
        found.uploads);
  }

  private static long bytes(Map<ChunkId, StoredObject> there, Set<ChunkId> packs) {
    return packs.stream()
        .map(there::get)
        .filter(Objects::nonNull)
        .mapToLong(StoredObject::size)
        .sum();
  }

  private Map<ChunkId, StoredObject> listPacks() throws IOException {
    Map<ChunkId, StoredObject> packs = new HashMap<>();
    for (StoredObject object : backend.list(Pack.PREFIX)) {
      packs.put(packName(object.name()), object);
    }
    return packs;
  }

  private CollectionReport condemn(UUID ownSession) throws IOException {
    long failuresBefore = store.writer().failures();
    found = search(Set.of());
    move(found.emptied);
    store.writer().flush();
    store.writer().checkSince(failuresBefore);
    if (!found.condemned.isEmpty()) {
      Condemned list = Condemned.of(found.condemned, now);
      found.list = list.object();
      publish(list, ownSession);
    }
    long moved = found.emptied.keySet().stream().mapToLong(Pack::length).sum();
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

  /// Copies what is needed to new packs, compared with its hash on the way, packed as it is.
  private void move(Map<Pack, BitSet> emptied) throws IOException {
    ArrayDeque<Future<?>> underWay = new ArrayDeque<>();
    try {
      for (Map.Entry<Pack, BitSet> entry : emptied.entrySet()) {
        PackTable table = inventory.table(entry.getKey());
        for (int slot : entry.getValue().stream().toArray()) {
          job.checkCancelled();
          if (underWay.size() == Workers.PLACES) {
            ThreadEnd.result(underWay.remove());
          }
          Inventory.Place place = new Inventory.Place(entry.getKey(), table, slot);
          underWay.add(store.workers().submit(() -> move(place)));
        }
      }
      while (!underWay.isEmpty()) {
        ThreadEnd.result(underWay.remove());
      }
    } finally {
      underWay.forEach(Workers::settle);
    }
  }

  private Void move(Inventory.Place place) throws IOException {
    Kind kind = Kind.of(place.table().kind(place.slot()));
    ChunkId id = place.table().id(place.slot());
    PieceReader.PackedPiece piece = store.reader().readPacked(kind, id, place);
    int length = piece.packed.length;
    store.writer().add(kind, id, piece.plain.length, piece.codec, piece.packed, length);
    return null;
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
    live.mark(mayNeed(list, all), job);
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

  /// The roots that may need what is on a list. Those that were marked before it was made need
  /// nothing of it, unless somebody has condemned more meanwhile, which they may rest on.
  private List<Root> mayNeed(Condemned list, Set<ChunkId> all) throws IOException {
    List<Root> roots = new ArrayList<>(roots());
    boolean alone =
        all.stream()
            .allMatch(pack -> found.condemned.contains(pack) || found.already.contains(pack));
    if (alone && isOwn(list)) {
      roots.removeIf(root -> found.marked.contains(root.id()));
    }
    return roots;
  }

  private boolean isOwn(Condemned list) {
    return list.object().equals(found.list);
  }

  /// Write order: an index without the packs, then the old index away, then the packs, then the
  /// list.
  private long delete(Condemned list) throws IOException {
    new IndexMerge(backend, cipher, list.packs()).run();
    Map<ChunkId, StoredObject> packs = new HashMap<>(isOwn(list) ? found.packs : listPacks());
    packs.keySet().retainAll(list.packs());
    backend.deleteAll(packs.values().stream().map(StoredObject::name).toList());
    backend.delete(list.object());
    inventory.refresh();
    return packs.values().stream().mapToLong(StoredObject::size).sum();
  }
}
