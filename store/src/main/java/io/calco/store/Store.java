package io.calco.store;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.JobContext;
import io.calco.disk.Passphrase;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.store.backend.Backend;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;

/// Disks and blobs, each piece of them stored once, packed, and compared with its sum whenever it
/// is read. Described in the package.
///
/// ```java
/// try (Store store = Store.open(LocalDirectory.open(path), StoreKey.none());
///     Upload upload = store.beginUpload()) {
///   ChunkId disk = upload.addDisk(image.disk(), job);
///   upload.commit("web1 2026-11-21", parts("disk", disk), "{}");
/// }
/// ```
///
/// Thread rule: safe for several threads at once, and for several processes.
public final class Store implements AutoCloseable {
  /// Into how many slices [#verifySlices] cuts a store: packs are named by their hashes, so these
  /// are about equal.
  public static final int SLICES = 256;

  private final Backend backend;
  private final StoreConfig config;
  private final StoreCipher cipher;
  private final Inventory inventory;
  private final PieceReader reader;
  private final Sessions sessions;
  private final PackWriter writer;
  private final Roots roots;
  private final Workers workers = new Workers();
  private final ReadBuffers buffers = new ReadBuffers();
  private final Codec codec;

  private Store(Backend backend, StoreConfig config, StoreCipher cipher, StoreOptions options) {
    this.backend = backend;
    this.config = config;
    this.cipher = cipher;
    this.inventory = new Inventory(backend, cipher);
    this.reader = new PieceReader(backend, cipher, inventory);
    this.sessions = new Sessions(backend, cipher, inventory);
    this.writer = new PackWriter(backend, cipher, inventory, sessions);
    this.roots = new Roots(backend, cipher);
    this.codec = new Codec(options.level());
  }

  /// Makes a place that has none a store, not encrypted.
  ///
  /// @throws FileAlreadyExistsException when it is one already
  public static void create(Backend backend, NewStore made) throws IOException {
    checkFree(backend);
    putConfig(backend, made, StoreCipher.plain());
  }

  /// Makes a place that has none an encrypted store.
  ///
  /// @param label what to call the passphrase in lists; at most 200 bytes of UTF-8
  /// @throws FileAlreadyExistsException when it is one already
  public static void createEncrypted(
      Backend backend, NewStore made, Passphrase passphrase, String label) throws IOException {
    checkFree(backend);
    StoreCipher cipher = StoreCipher.of(StoreCipher.random(StoreCipher.MASTER_KEY));
    StoreConfig config = config(made, cipher);
    new KeySlots(backend, config).add(cipher, passphrase, label);
    Envelope.CONFIG.put(backend, StoreCipher.plain(), StoreConfig.OBJECT, config.encode());
  }

  private static void checkFree(Backend backend) throws IOException {
    try {
      backend.size(StoreConfig.OBJECT);
    } catch (NoSuchFileException free) {
      return;
    }
    throw new FileAlreadyExistsException(backend.place());
  }

  private static StoreConfig config(NewStore made, StoreCipher cipher) {
    return new StoreConfig(
        UUID.randomUUID(),
        cipher.encrypts(),
        made.chunkLength(),
        HexFormat.of().formatHex(cipher.keyCheck()),
        Instant.now());
  }

  private static void putConfig(Backend backend, NewStore made, StoreCipher cipher)
      throws IOException {
    Envelope.CONFIG.put(
        backend, StoreCipher.plain(), StoreConfig.OBJECT, config(made, cipher).encode());
  }

  /// Opens a store. The backend stays the caller's to close. What pieces there are is read when it
  /// is first asked for, or by [#refresh].
  ///
  /// @throws NoSuchFileException when the place is no store
  /// @throws io.calco.disk.PassphraseException when the key does not open it
  public static Store open(Backend backend, StoreKey key, StoreOptions options) throws IOException {
    StoreConfig config = StoreConfig.read(backend);
    return new Store(backend, config, key.open(backend, config), options);
  }

  /// Whether the store in a place is encrypted; needs no key.
  ///
  /// @throws NoSuchFileException when the place is no store
  public static boolean isEncrypted(Backend backend) throws IOException {
    return StoreConfig.read(backend).encrypted();
  }

  /// Reads every object, and compares every piece with its hash.
  ///
  /// @throws io.calco.disk.PassphraseException when the key does not open it
  /// @throws CorruptImageException when the configuration itself is damaged
  public static StoreReport verify(Backend backend, StoreKey key, JobContext job)
      throws IOException {
    try (Store store = open(backend, key, StoreOptions.defaults())) {
      return new Verifier(store, job).run();
    }
  }

  /// Reads the packs of some slices, and compares every piece with its hash. What the damage does
  /// to roots is for [#verify] to say.
  ///
  /// @param first 0 to 255
  /// @param count 1 to 256; after the last slice the first follows
  /// @return without losses
  /// @throws IllegalArgumentException when the slices are out of range
  /// @throws io.calco.disk.PassphraseException when the key does not open it
  public static StoreReport verifySlices(
      Backend backend, StoreKey key, int first, int count, JobContext job) throws IOException {
    if (first < 0 || first >= SLICES || count < 1 || count > SLICES) {
      throw new IllegalArgumentException("slices %d, %d".formatted(first, count));
    }
    try (Store store = open(backend, key, StoreOptions.defaults())) {
      return new Verifier(store, job).runSlices(first, count);
    }
  }

  /// Verifies, then writes the index anew from the packs, and replaces packs that are damaged by
  /// what is sound in them and what `other` has.
  ///
  /// @param other a store with the same pieces under the same key, or neither encrypted; empty when
  ///   there is none
  /// @return what was found after the repair
  /// @throws StoreBusyException when a collection or another repair runs
  /// @throws AppendOnlyException when it only grows
  public static StoreReport repair(
      Backend backend, StoreKey key, Optional<Store> other, JobContext job) throws IOException {
    try (Store store = open(backend, key, StoreOptions.defaults())) {
      AppendOnly.refuse(backend);
      UUID session = store.beginAlone();
      try {
        while (true) {
          try (Store again = open(backend, key, StoreOptions.defaults())) {
            Verifier verifier = new Verifier(again, job);
            StoreReport report = verifier.run();
            if (report.sound() || !new Repair(again, verifier, other, job).run()) {
              return report;
            }
          }
        }
      } finally {
        store.sessions.end(session);
      }
    }
  }

  /// Writes the index anew from the tables of the packs, whatever it says now or wherever it has
  /// gone; reads no piece. Runs beside uploads.
  ///
  /// @throws StoreBusyException when a collection or repair runs
  public static RebuiltIndex rebuildIndex(Backend backend, StoreKey key, JobContext job)
      throws IOException {
    try (Store store = open(backend, key, StoreOptions.defaults())) {
      AppendOnly.refuse(backend);
      UUID session = store.beginAlone();
      try {
        return RebuiltIndex.write(backend, store.cipher, job);
      } finally {
        store.sessions.end(session);
      }
    }
  }

  /// Keeps collections and repairs out until the session ends.
  private UUID beginAlone() throws IOException {
    UUID session = sessions.beginUnread(Session.Purpose.COLLECTION);
    try {
      new LiveSessions(backend, cipher, Instant.now()).checkAlone(session);
      return session;
    } catch (IOException | RuntimeException e) {
      sessions.end(session);
      throw e;
    }
  }

  /// The passphrases that open this store; none when it is not encrypted.
  public List<KeySlot> listPassphrases() throws IOException {
    return new KeySlots(backend, config).list();
  }

  /// Passphrases that open nothing any more, since their objects are damaged: `keys/ID` each.
  public List<StoreReport.Damage> listDamagedPassphrases() throws IOException {
    return new KeySlots(backend, config).listDamages();
  }

  /// Adds a passphrase.
  ///
  /// @param label what to call it in lists; at most 200 bytes of UTF-8
  public KeySlot addPassphrase(Passphrase passphrase, String label) throws IOException {
    checkEncrypted();
    return new KeySlots(backend, config).add(cipher, passphrase, label);
  }

  /// Removes a passphrase, damaged ones too; whoever has learnt the master key through it has it
  /// still.
  ///
  /// @throws NoSuchFileException when there is none of this identity
  /// @throws IOException also when it is the last
  public void removePassphrase(String id) throws IOException {
    checkEncrypted();
    AppendOnly.refuse(backend);
    new KeySlots(backend, config).remove(id);
  }

  /// The master key as text to print: opens the store by itself. 58 letters and digits in groups of
  /// four, with a checksum.
  public String recoveryKey() throws IOException {
    checkEncrypted();
    return RecoveryKey.print(cipher.masterKey());
  }

  private void checkEncrypted() throws IOException {
    if (!config.encrypted()) {
      throw new UnsupportedFeatureException(backend.place() + ": the store is not encrypted");
    }
  }

  /// True when nothing is taken from this store: no root, no piece, no passphrase, by any Calco
  /// that knows the mark. Whoever may delete objects may lift it.
  public boolean appendOnly() throws IOException {
    return AppendOnly.is(backend);
  }

  /// Whether it lies on another machine, where each request takes a while.
  public boolean isElsewhere() {
    return backend.isElsewhere();
  }

  /// What may be kept where it lies; empty where that does not say.
  public Optional<Backend.Quota> quota() throws IOException {
    return backend.quota();
  }

  /// Lets the store only grow from now on.
  public void makeAppendOnly() throws IOException {
    if (!AppendOnly.is(backend)) {
      AppendOnly.set(backend, cipher);
    }
  }

  /// Lets things be taken from the store again.
  public void liftAppendOnly() throws IOException {
    AppendOnly.lift(backend);
  }

  /// Begins to add.
  public Upload beginUpload() throws IOException {
    return new Upload(this, sessions.begin(Session.Purpose.UPLOAD));
  }

  /// Every root, in no order.
  public List<Root> listRoots() throws IOException {
    return roots.all();
  }

  /// Every root that can be read, and which objects cannot be.
  public RootSurvey surveyRoots() throws IOException {
    return roots.survey();
  }

  /// What of the index is damaged, as it was read last. The packs tell the same, and were asked:
  /// reading and adding go on, but nothing is collected.
  public List<StoreReport.Damage> listIndexDamages() {
    return inventory.damages();
  }

  /// Gives a damaged object up, and deletes it: a root, with what it led to; the end of a session,
  /// whose roots count from now on; a session; a list of condemned packs.
  ///
  /// @param object its name, such as `roots/…`
  /// @throws NoSuchFileException when there is none of this name that could be given up
  /// @throws java.nio.file.FileAlreadyExistsException when it is as it was written
  /// @throws StoreBusyException when a collection or repair runs
  public void discardDamaged(String object) throws IOException {
    AppendOnly.refuse(backend);
    UUID session = sessions.beginUnread(Session.Purpose.COLLECTION);
    try {
      new LiveSessions(backend, cipher, Instant.now()).checkAloneSoFar(session);
      new Discard(backend, cipher, roots).run(object);
    } finally {
      sessions.end(session);
    }
  }

  /// The root of this name.
  public Optional<Root> findRoot(String name) throws IOException {
    return roots.find(name);
  }

  /// Takes a name away; does nothing when there is none. What only it led to is garbage from now
  /// on, and gone after a collection.
  public void removeRoot(String name) throws IOException {
    AppendOnly.refuse(backend);
    roots.remove(name);
  }

  /// Likewise of several names; when it fails some are there still.
  public void removeRoots(Collection<String> names) throws IOException {
    AppendOnly.refuse(backend);
    roots.removeAll(names);
  }

  /// A stored disk, for reading; its holes are holes still.
  ///
  /// @param id from a root
  /// @throws CorruptImageException when there is no disk of this identity
  public Disk openDisk(ChunkId id) throws IOException {
    return Disk.owning(new StoredDiskDriver(image(id, ImageRecord.Type.DISK)));
  }

  /// As [#openDisk(ChunkId)]; chunks that another disk has at the same offset are taken from there:
  /// it is compared with their identities.
  ///
  /// @param seed of any size; open as long as the disk is read
  /// @param found is told what was taken from there, by whatever thread reads
  public Disk openDisk(ChunkId id, Disk seed, RunSink found) throws IOException {
    ImageRecord record = image(id, ImageRecord.Type.DISK).record();
    return Disk.owning(new StoredDiskDriver(new StoredImage(reader, record, seed, found)));
  }

  /// The map of a stored disk.
  ChunkMap map(ChunkId id) throws IOException {
    return image(id, ImageRecord.Type.DISK).map();
  }

  /// Stored bytes.
  ///
  /// @param id from a root
  /// @throws CorruptImageException when there is no blob of this identity
  public StoredBlob openBlob(ChunkId id) throws IOException {
    return new StoredBlob(image(id, ImageRecord.Type.BLOB), workers, buffers);
  }

  /// Takes runs of bytes.
  @FunctionalInterface
  public interface RunSink {
    /// One run.
    void accept(long offset, long length) throws IOException;
  }

  /// Tells where two stored disks may differ: the chunks that are not the same, ascending, and what
  /// the larger one has more. Reads their maps and no content.
  ///
  /// @throws UnsupportedFeatureException when they are cut on different grids
  public void compareDisks(ChunkId one, ChunkId other, RunSink sink) throws IOException {
    new MapDifference(
            reader,
            image(one, ImageRecord.Type.DISK).record(),
            image(other, ImageRecord.Type.DISK).record(),
            sink)
        .run();
  }

  private StoredImage image(ChunkId id, ImageRecord.Type type) throws IOException {
    ImageRecord record = ImageRecord.decode(backend.place(), id, reader.read(Kind.RECORD, id));
    if (record.type() != type) {
      throw new CorruptImageException(
          "%s: %s is a %s, not a %s"
              .formatted(backend.place(), id, word(record.type()), word(type)));
    }
    return new StoredImage(reader, record);
  }

  private static String word(ImageRecord.Type type) {
    return switch (type) {
      case DISK -> "disk";
      case BLOB -> "blob";
    };
  }

  /// Deletes what no root leads to, and rewrites packs that are mostly garbage; runs beside
  /// uploads, here and in other processes. What uploads that run may still need waits for the next
  /// collection.
  ///
  /// @throws CorruptImageException when what a root leads to is missing; nothing is deleted then
  /// @throws StoreBusyException when another collection of this store runs
  /// @throws AppendOnlyException when it only grows
  public CollectionReport collect(JobContext job) throws IOException {
    return collect(Instant.now(), job);
  }

  CollectionReport collect(Instant now, JobContext job) throws IOException {
    AppendOnly.refuse(backend);
    return new Collector(this, now, job).run();
  }

  /// What [#collect] would do if the roots of these names were removed; changes nothing.
  public CollectionPlan planCollection(Set<String> removed, JobContext job) throws IOException {
    return new Collector(this, Instant.now(), job).plan(removed);
  }

  /// Counts what there is and what it is worth: reads the records and maps of all roots, and no
  /// content.
  public StoreCensus census(JobContext job) throws IOException {
    return census(root -> true, job);
  }

  /// Likewise of some roots, as if there were no others: what they have in common with others
  /// counts as theirs. Packs, other objects and uploads are counted all.
  ///
  /// @param roots which, by their names
  public StoreCensus census(Predicate<String> roots, JobContext job) throws IOException {
    return new Census(this, job).run(roots);
  }

  /// Tells this store from all others.
  public UUID id() {
    return config.id();
  }

  /// True when all but names and sizes of objects is sealed.
  public boolean encrypted() {
    return config.encrypted();
  }

  /// Learns what other processes have added or moved.
  public void refresh() throws IOException {
    inventory.refresh();
  }

  /// The grid that disks and blobs are cut on, in bytes.
  public int chunkLength() {
    return config.chunkLength();
  }

  Backend backend() {
    return backend;
  }

  StoreCipher cipher() {
    return cipher;
  }

  Inventory inventory() {
    return inventory;
  }

  PieceReader reader() {
    return reader;
  }

  Sessions sessions() {
    return sessions;
  }

  PackWriter writer() {
    return writer;
  }

  Roots roots() {
    return roots;
  }

  Workers workers() {
    return workers;
  }

  /// Packs a piece and sends it on its way.
  ///
  /// @return its bytes when it is packed
  int add(Kind kind, ChunkId id, byte[] plain, int length) {
    return codec.pack(
        plain,
        length,
        (method, bytes, packed) -> writer.add(kind, id, length, method, bytes, packed));
  }

  /// Ends this process's use of the store; uploads that are open are given up.
  @Override
  public void close() throws IOException {
    workers.close();
    writer.close();
    sessions.close();
  }
}
