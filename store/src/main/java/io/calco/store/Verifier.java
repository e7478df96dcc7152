package io.calco.store;

import io.calco.disk.DiskException;
import io.calco.disk.JobContext;
import io.calco.disk.ThreadEnd;
import io.calco.store.backend.Backend;
import io.calco.store.backend.StoredObject;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// Reads everything. Packs first: what they hold soundly is the inventory that roots are judged by,
/// and not the index, which is then compared with it.
///
/// Works beside uploads and collections. The roots are listed before the packs, so that all that
/// they lead to is among these; where something is missing all the same, a collection may have
/// moved it meanwhile: the packs that are new are read as well, and the roots judged again.
///
/// Confined.
final class Verifier {
  /// How often the roots are judged, at most, while collections move what they lead to.
  private static final int ATTEMPTS = 5;

  private final Store store;
  private final Backend backend;
  private final StoreCipher cipher;
  private final JobContext job;
  private final List<StoreReport.Damage> damages = new ArrayList<>();
  private final List<StoreReport.Loss> losses = new ArrayList<>();

  /// The slots that are damaged, of packs that are.
  private final Map<ChunkId, BitSet> damaged = new HashMap<>();

  private final Map<ChunkId, Pack> packs = new HashMap<>();
  private final Set<String> badPacks = new HashSet<>();
  private final Map<ChunkId, Kind> missing = new LinkedHashMap<>();
  private final Set<ChunkId> indexed = new HashSet<>();
  private final Set<ChunkId> unindexed = new HashSet<>();
  private final Set<ChunkId> soundPages = new HashSet<>();
  private final Set<String> seen = new HashSet<>();
  private List<StoreReport.Damage> judged = new ArrayList<>();
  private final Queue<PackReading> readings = new ConcurrentLinkedQueue<>();
  private long bytes;
  private long pieces;

  Verifier(Store store, JobContext job) {
    this.store = store;
    this.backend = store.backend();
    this.cipher = store.cipher();
    this.job = job;
  }

  StoreReport run() throws IOException {
    judge();
    verifyEnvelopes(Session.PREFIX, Envelope.SESSION, cipher);
    verifyEnvelopes(Session.ENDED, Envelope.TOMBSTONE, cipher);
    verifyEnvelopes(Condemned.PREFIX, Envelope.CONDEMNED, cipher);
    verifyEnvelopes(KeySlots.PREFIX, Envelope.KEY, StoreCipher.plain());
    damages.addAll(judged);
    keepLocked(0, Store.SLICES);
    return new StoreReport(packs.size(), bytes, pieces, damages, losses);
  }

  /// Reads packs of some slices alone; neither the index nor the roots are judged.
  StoreReport runSlices(int first, int count) throws IOException {
    List<StoredObject> objects = new ArrayList<>();
    for (StoredObject object : backend.list(Pack.PREFIX)) {
      int ahead = Math.floorMod(slice(object.name()) - first, Store.SLICES);
      if (ahead < count) {
        objects.add(object);
      }
    }
    verifyPacks(objects);
    keepLocked(first, count);
    return new StoreReport(packs.size(), bytes, pieces, damages, losses);
  }

  /// Locks what leads to the packs for longer, where the place locks objects: what was put long ago
  /// and is in use still would be open to whoever deletes it.
  private void keepLocked(int first, int count) throws IOException {
    if (!backend.keep(StoreConfig.OBJECT)) {
      return;
    }
    for (String prefix : List.of(KeySlots.PREFIX, IndexObject.PREFIX, Root.PREFIX)) {
      for (StoredObject object : backend.list(prefix)) {
        job.checkCancelled();
        if (Math.floorMod(slice(object.name()) - first, Store.SLICES) < count) {
          keepLocked(object.name());
        }
      }
    }
  }

  private void keepLocked(String object) throws IOException {
    try {
      backend.keep(object);
    } catch (NoSuchFileException deletedMeanwhile) {
      // Nothing to keep.
    }
  }

  /// By the first byte of the hash in its name; what is named otherwise is of the first slice.
  private static int slice(String object) {
    ChunkId name = nameOf(object);
    return name.equals(ChunkId.HOLE) ? 0 : Integer.parseInt(name.toString().substring(0, 2), 16);
  }

  /// Judges the roots by the packs and the index; again for as long as something is amiss and the
  /// store changes.
  private void judge() throws IOException {
    Set<String> before = Set.of();
    Set<String> now = names();
    for (int attempt = 0; attempt < ATTEMPTS && !now.equals(before); attempt++) {
      judged = new ArrayList<>();
      losses.clear();
      missing.clear();
      soundPages.clear();
      indexed.clear();
      unindexed.clear();
      List<Root> roots = readRoots();
      verifyPacks();
      verifyIndex();
      for (Root root : roots) {
        for (Map.Entry<String, ChunkId> part : root.parts().entrySet()) {
          verifyPart(root, part.getKey(), part.getValue());
        }
      }
      unindexed.forEach(pack -> judged(IndexObject.PREFIX, "no index tells of pack " + pack));
      if (judged.isEmpty() && losses.isEmpty()) {
        return;
      }
      before = now;
      now = names();
    }
  }

  private Set<String> names() throws IOException {
    Set<String> names = new HashSet<>();
    for (String prefix : List.of(Pack.PREFIX, IndexObject.PREFIX, Root.PREFIX)) {
      backend.list(prefix).forEach(object -> names.add(object.name()));
    }
    return names;
  }

  /// Names of packs that are not as they were written.
  Set<String> badPacks() {
    return badPacks;
  }

  /// What roots lead to and no pack holds soundly.
  Map<ChunkId, Kind> missing() {
    return missing;
  }

  /// True when an index object is damaged or tells what is not so.
  boolean indexDamaged() {
    return judged.stream().anyMatch(damage -> damage.object().startsWith(IndexObject.PREFIX));
  }

  boolean isDamaged(Pack pack, int slot) {
    BitSet slots = damaged.get(pack.name());
    return slots != null && slots.get(slot);
  }

  private void damage(String object, String what) {
    damages.add(new StoreReport.Damage(object, what));
  }

  /// What the next judgement may see otherwise.
  private void judged(String object, String what) {
    judged.add(new StoreReport.Damage(object, what));
  }

  private void verifyPacks() throws IOException {
    verifyPacks(new ArrayList<>(backend.list(Pack.PREFIX)));
  }

  private void verifyPacks(List<StoredObject> objects) throws IOException {
    objects.removeIf(object -> !seen.add(object.name()));
    ArrayDeque<Future<PackFinding>> underWay = new ArrayDeque<>();
    long total = bytes + objects.stream().mapToLong(StoredObject::size).sum();
    try {
      for (StoredObject object : objects) {
        job.checkCancelled();
        if (underWay.size() > Workers.THREADS) {
          take(ThreadEnd.result(underWay.remove()), total);
        }
        underWay.add(store.workers().submit(() -> verifyPack(object)));
      }
      while (!underWay.isEmpty()) {
        take(ThreadEnd.result(underWay.remove()), total);
      }
    } finally {
      underWay.forEach(Workers::settle);
    }
  }

  private void take(PackFinding finding, long total) {
    bytes += finding.length;
    finding.wrongs.forEach(wrong -> damage(finding.object, wrong));
    if (!finding.wrongs.isEmpty()) {
      badPacks.add(finding.object);
    }
    IndexObject.Line line = finding.line;
    if (line != null) {
      packs.put(line.pack.name(), line.pack);
      damaged.put(line.pack.name(), finding.slots);
      pieces += line.pack.count();
      store.inventory().add(line);
    }
    job.progress("verifying", bytes, total);
  }

  private PackFinding verifyPack(StoredObject object) throws IOException {
    PackReading reading = Objects.requireNonNullElseGet(readings.poll(), this::newReading);
    try {
      PackFinding finding = reading.verify(object);
      if (finding.line != null && finding.wrongs.isEmpty()) {
        keepLocked(object.name());
      }
      return finding;
    } finally {
      readings.offer(reading);
    }
  }

  private PackReading newReading() {
    return new PackReading(backend, cipher, store.reader());
  }

  private void verifyEnvelopes(String prefix, Envelope envelope, StoreCipher key)
      throws IOException {
    for (StoredObject object : backend.list(prefix)) {
      try {
        envelope.read(backend, key, object.name(), body -> body.position(body.limit()));
        bytes += object.size();
      } catch (NoSuchFileException deletedMeanwhile) {
        // Nothing to verify.
      } catch (DiskException e) {
        damage(object.name(), String.valueOf(e.getMessage()));
      }
    }
  }

  /// An index must tell of packs what they are.
  private void verifyIndex() throws IOException {
    Set<ChunkId> listed = new HashSet<>();
    backend.list(Pack.PREFIX).forEach(object -> listed.add(nameOf(object.name())));
    for (StoredObject object : backend.list(IndexObject.PREFIX)) {
      job.checkCancelled();
      try {
        List<IndexObject.Line> lines = IndexObject.read(backend, cipher, object.name());
        bytes += seen.add(object.name()) ? object.size() : 0;
        for (IndexObject.Line line : lines) {
          verifyLine(object.name(), line, listed);
        }
      } catch (NoSuchFileException mergedMeanwhile) {
        // Another tells the same.
      } catch (DiskException e) {
        judged(object.name(), String.valueOf(e.getMessage()));
      }
    }
  }

  private static ChunkId nameOf(String object) {
    try {
      return ChunkId.parse(object.substring(object.lastIndexOf('/') + 1));
    } catch (IllegalArgumentException e) {
      return ChunkId.HOLE;
    }
  }

  private void verifyLine(String object, IndexObject.Line line, Set<ChunkId> listed)
      throws IOException {
    Pack pack = packs.get(line.pack.name());
    indexed.add(line.pack.name());
    if (pack == null) {
      if (!listed.contains(line.pack.name())) {
        judged(object, "tells of pack " + line.pack.name() + ", which is not there");
      }
    } else if (!pack.equals(line.pack) || !tellsOf(pack, line)) {
      judged(object, "tells of pack " + pack.name() + " what it is not");
    }
  }

  private boolean tellsOf(Pack pack, IndexObject.Line line) throws IOException {
    try {
      return Arrays.equals(store.inventory().table(pack).prefixes(), line.prefixes);
    } catch (NoSuchFileException deletedMeanwhile) {
      return true;
    }
  }

  /// The roots that there are, and that count.
  private List<Root> readRoots() throws IOException {
    List<Root> roots = new ArrayList<>();
    for (StoredObject object : backend.list(Root.PREFIX)) {
      job.checkCancelled();
      try {
        Optional<Root> root = store.roots().get(object.name());
        bytes += seen.add(object.name()) ? object.size() : 0;
        root.ifPresent(roots::add);
      } catch (DiskException e) {
        judged(object.name(), String.valueOf(e.getMessage()));
      }
    }
    return roots;
  }

  private void verifyPart(Root root, String part, ChunkId id) throws IOException {
    byte[] bytesOfRecord = readSound(Kind.RECORD, id);
    if (bytesOfRecord == null) {
      losses.add(new StoreReport.Loss(root.name(), part, 0, 0, "its record " + id + " is lost"));
      return;
    }
    try {
      ImageRecord record = ImageRecord.decode(backend.place(), id, bytesOfRecord);
      for (int page = 0; page < record.pages(); page++) {
        verifyPage(root, part, record, page);
      }
    } catch (DiskException e) {
      String what = String.valueOf(e.getMessage());
      losses.add(new StoreReport.Loss(root.name(), part, 0, 0, what));
    }
  }

  private void verifyPage(Root root, String part, ImageRecord record, int page) throws IOException {
    ChunkId id = record.page(page);
    if (id.equals(ChunkId.HOLE) || soundPages.contains(id)) {
      return;
    }
    long first = (long) page * record.pageChunks();
    long offset = first * record.chunkLength();
    byte[] chunks = readSound(Kind.PAGE, id);
    if (chunks == null) {
      long end =
          Math.min(record.size(), offset + (long) record.pageChunks() * record.chunkLength());
      losses.add(
          new StoreReport.Loss(root.name(), part, offset, end - offset, "page " + id + " is lost"));
      return;
    }
    ChunkMap.checkPage(record, page, chunks);
    boolean sound = true;
    for (int i = 0; i < record.chunksIn(page); i++) {
      ChunkId chunk = ChunkId.read(chunks, i * ChunkId.BYTES);
      if (!chunk.equals(ChunkId.HOLE) && soundPlaces(Kind.DATA, chunk).isEmpty()) {
        sound = false;
        losses.add(
            new StoreReport.Loss(
                root.name(),
                part,
                offset + (long) i * record.chunkLength(),
                record.lengthOf(first + i),
                "chunk " + chunk + " is lost"));
      }
    }
    if (sound) {
      soundPages.add(id);
    }
  }

  /// Where a piece lies undamaged; noted as missing when that is nowhere.
  private List<Inventory.Place> soundPlaces(Kind kind, ChunkId id) throws IOException {
    List<Inventory.Place> sound = new ArrayList<>(1);
    boolean told = false;
    for (Inventory.Place place : places(id)) {
      if (!isDamaged(place.pack(), place.slot())) {
        sound.add(place);
        told |= indexed.contains(place.pack().name());
      }
    }
    if (sound.isEmpty()) {
      missing.put(id, kind);
    } else if (!told) {
      unindexed.add(sound.getFirst().pack().name());
    }
    return sound;
  }

  private List<Inventory.Place> places(ChunkId id) throws IOException {
    try {
      return store.inventory().findAll(id);
    } catch (NoSuchFileException | DiskException gone) {
      return List.of();
    }
  }

  private byte @Nullable [] readSound(Kind kind, ChunkId id) throws IOException {
    for (Inventory.Place place : soundPlaces(kind, id)) {
      try {
        return store.reader().readCompared(kind, id, place);
      } catch (NoSuchFileException moved) {
        // By a collection; another place may have it.
      }
    }
    missing.put(id, kind);
    return null;
  }
}
