package io.calco.store;

import io.calco.disk.CorruptImageException;
import io.calco.disk.DiskException;
import io.calco.store.backend.Backend;
import io.calco.store.backend.StoredObject;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/// Which packs there are, and where each piece lies: the index objects, read into memory.
///
/// Thread rule: safe for several threads at once.
final class Inventory {

  /// Most bytes of packs' tables kept.
  private static final long TABLES_MAX = 16 << 20;

  private static final int ATTEMPTS = 5;

  private final Backend backend;
  private final StoreCipher cipher;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

  /// By number; number 0 is none.
  private List<Pack> packs = new ArrayList<>();

  private Map<ChunkId, Integer> numbers = new HashMap<>();
  private ChunkIndex index = new ChunkIndex();
  private Set<String> loaded = new HashSet<>();
  private final Map<String, StoreReport.Damage> damages = new HashMap<>();
  private volatile Set<ChunkId> condemned = Set.of();

  private final ReentrantLock tablesLock = new ReentrantLock();
  private final LinkedHashMap<ChunkId, PackTable> tables = new LinkedHashMap<>(64, 0.75f, true);

  /// What is being read by somebody, who is waited for.
  private final ConcurrentMap<ChunkId, ReentrantLock> reading = new ConcurrentHashMap<>();

  private long tablesWeight;

  /// A piece's place.
  record Place(Pack pack, PackTable table, int slot) {}

  Inventory(Backend backend, StoreCipher cipher) {
    this.backend = backend;
    this.cipher = cipher;
    clear();
  }

  private void clear() {
    packs = new ArrayList<>();
    packs.add(new Pack(ChunkId.HOLE, 0, new java.util.UUID(0, 0), 0));
    numbers = new HashMap<>();
    index = new ChunkIndex();
    loaded = new HashSet<>();
    damages.clear();
  }

  /// Learns what index objects were added since; and when some are gone, everything anew.
  void refresh() throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        refreshOnce();
        return;
      } catch (NoSuchFileException merged) {
        if (attempt == ATTEMPTS) {
          throw merged;
        }
      }
    }
  }

  private void refreshOnce() throws IOException {
    Set<String> names = new HashSet<>();
    for (StoredObject object : backend.list(IndexObject.PREFIX)) {
      names.add(object.name());
    }
    lock.writeLock().lock();
    try {
      if (!names.containsAll(loaded)) {
        clear();
      }
      int before = damages.size();
      for (String name : names) {
        if (!loaded.contains(name)) {
          loadLocked(name);
        }
      }
      if (damages.size() > before) {
        askPacksLocked();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  private void loadLocked(String name) throws IOException {
    try {
      IndexObject.read(backend, cipher, name).forEach(this::addLocked);
    } catch (DiskException e) {
      System.getLogger(Inventory.class.getName())
          .log(Level.WARNING, "{0}; the packs are asked instead", e.getMessage());
      damages.put(name, new StoreReport.Damage(name, String.valueOf(e.getMessage())));
    }
    loaded.add(name);
  }

  /// Learns from the packs what a damaged index does not tell any more. A pack that cannot be read
  /// stays unknown.
  private void askPacksLocked() throws IOException {
    for (StoredObject object : backend.list(Pack.PREFIX)) {
      try {
        ChunkId name = ChunkId.parse(object.name().substring(object.name().lastIndexOf('/') + 1));
        if (!numbers.containsKey(name)) {
          addLocked(PackFormat.readLine(backend, cipher, object));
        }
      } catch (NoSuchFileException | DiskException | IllegalArgumentException unreadable) {
        // Verification names it.
      }
    }
  }

  /// Index objects that are damaged.
  List<StoreReport.Damage> damages() {
    lock.readLock().lock();
    try {
      return List.copyOf(damages.values());
    } finally {
      lock.readLock().unlock();
    }
  }

  /// Throws when the index is damaged.
  void checkSound() throws CorruptImageException {
    List<StoreReport.Damage> found = damages();
    if (!found.isEmpty()) {
      throw new CorruptImageException(found.getFirst().what() + "; nothing is collected");
    }
  }

  private void addLocked(IndexObject.Line line) {
    if (numbers.containsKey(line.pack.name())) {
      return;
    }
    int number = packs.size();
    packs.add(line.pack);
    numbers.put(line.pack.name(), number);
    for (int slot = 0; slot < line.prefixes.length; slot++) {
      index.add(line.prefixes[slot], number, slot);
    }
  }

  /// Learns of a pack that this process put.
  void add(IndexObject.Line line) {
    lock.writeLock().lock();
    try {
      addLocked(line);
    } finally {
      lock.writeLock().unlock();
    }
  }

  /// Learns of an index object that this process put.
  void indexed(String object, List<IndexObject.Line> lines) {
    lock.writeLock().lock();
    try {
      lines.forEach(this::addLocked);
      loaded.add(object);
    } finally {
      lock.writeLock().unlock();
    }
  }

  /// The index objects that were read or written.
  Set<String> indexObjects() {
    lock.readLock().lock();
    try {
      return Set.copyOf(loaded);
    } finally {
      lock.readLock().unlock();
    }
  }

  /// Packs that nothing new may rest on.
  void condemn(Set<ChunkId> names) {
    condemned = Set.copyOf(names);
  }

  Set<ChunkId> condemned() {
    return condemned;
  }

  /// All packs, as they are known now.
  List<Pack> packs() {
    lock.readLock().lock();
    try {
      return List.copyOf(packs.subList(1, packs.size()));
    } finally {
      lock.readLock().unlock();
    }
  }

  /// Tells of every pack and slot that may hold a piece of this prefix.
  interface PlaceVisitor {
    void visit(Pack pack, int slot);
  }

  /// Visits the places that the first bytes of an identity lead to; reads no pack.
  void visit(ChunkId id, PlaceVisitor visitor) {
    lock.readLock().lock();
    try {
      for (long at : index.find(id.a())) {
        visitor.visit(packs.get(ChunkIndex.pack(at)), ChunkIndex.slot(at));
      }
    } finally {
      lock.readLock().unlock();
    }
  }

  /// Where a piece lies, in whatever pack.
  @Nullable Place find(ChunkId id) throws IOException {
    return find(id, Set.of());
  }

  /// Where a piece lies that something new may rest on.
  @Nullable Place findLasting(ChunkId id) throws IOException {
    return find(id, condemned);
  }

  /// Everywhere a piece lies.
  List<Place> findAll(ChunkId id) throws IOException {
    return findAll(id, Set.of(), false);
  }

  private @Nullable Place find(ChunkId id, Set<ChunkId> without) throws IOException {
    List<Place> places = findAll(id, without, true);
    return places.isEmpty() ? null : places.getFirst();
  }

  private List<Place> findAll(ChunkId id, Set<ChunkId> without, boolean one) throws IOException {
    List<Pack> candidates = new ArrayList<>(1);
    List<Integer> slots = new ArrayList<>(1);
    visit(
        id,
        (pack, slot) -> {
          if (!without.contains(pack.name())) {
            candidates.add(pack);
            slots.add(slot);
          }
        });
    List<Place> places = new ArrayList<>(1);
    IOException failure = null;
    for (int i = 0; i < slots.size() && !(one && !places.isEmpty()); i++) {
      try {
        PackTable table = table(candidates.get(i));
        int slot = slots.get(i);
        if (slot < table.count() && table.id(slot).equals(id)) {
          places.add(new Place(candidates.get(i), table, slot));
        }
      } catch (NoSuchFileException | CorruptImageException e) {
        // The pack may be gone; or its table is damaged, and another pack may hold the piece.
        failure = e;
      }
    }
    if (failure != null && places.isEmpty()) {
      throw failure;
    }
    return places;
  }

  /// A pack's table, from memory or the pack.
  PackTable table(Pack pack) throws IOException {
    PackTable kept = kept(pack);
    if (kept != null) {
      return kept;
    }
    ReentrantLock mine = reading.computeIfAbsent(pack.name(), _ -> new ReentrantLock());
    mine.lock();
    try {
      PackTable readMeanwhile = kept(pack);
      return readMeanwhile == null ? read(pack) : readMeanwhile;
    } finally {
      mine.unlock();
      reading.remove(pack.name(), mine);
    }
  }

  private @Nullable PackTable kept(Pack pack) {
    tablesLock.lock();
    try {
      return tables.get(pack.name());
    } finally {
      tablesLock.unlock();
    }
  }

  private PackTable read(Pack pack) throws IOException {
    PackTable table =
        PackFormat.readTable(backend, cipher, pack.object(), pack.length(), pack.count());
    if (table.count() != pack.count()) {
      throw CorruptImageException.at(
          backend.place() + "/" + pack.object(),
          "pieces",
          pack.length() - PackFormat.FOOT,
          table.count(),
          pack.count() + ", as the index has it");
    }
    keep(pack, table);
    return table;
  }

  private void keep(Pack pack, PackTable table) {
    tablesLock.lock();
    try {
      if (tables.put(pack.name(), table) == null) {
        tablesWeight += table.weight();
      }
      while (tablesWeight > TABLES_MAX && tables.size() > 1) {
        tablesWeight -= tables.pollFirstEntry().getValue().weight();
      }
    } finally {
      tablesLock.unlock();
    }
  }
}
