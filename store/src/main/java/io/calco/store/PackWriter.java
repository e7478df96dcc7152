package io.calco.store;

import io.calco.disk.bytes.Crc32c;
import io.calco.store.backend.Backend;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Gathers the new pieces of all uploads of a process in packs and puts these.
///
/// Write order: a pack is put; then an index object that tells of it ([#flush]); then whatever
/// rests on its pieces. When a pack cannot be put, every upload that was open then has failed: any
/// of them may rest on it.
///
/// Thread rule: safe for several threads at once.
final class PackWriter implements AutoCloseable {
  /// A pack is put when it has reached this many bytes.
  static final int PACK_LENGTH = 32 << 20;

  /// Packs on their way at a time.
  private static final int UNDER_WAY_MAX = 2;

  private final Backend backend;
  private final StoreCipher cipher;
  private final Inventory inventory;
  private final Sessions sessions;

  private final PackBuffer.Pool memory = new PackBuffer.Pool();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition change = lock.newCondition();
  private final Set<ChunkId> pending = new HashSet<>();
  private final List<IndexObject.Line> unindexed = new ArrayList<>();
  private @Nullable Draft draft;

  /// The numbers of packs on their way, counted as they are sent.
  private final TreeSet<Long> underWay = new TreeSet<>();

  private long sent;
  private long failures;
  private @Nullable IOException failure;
  private long storedBytes;

  /// A pack being filled.
  private final class Draft {
    final PackFormat.Head head = PackFormat.Head.fresh(sessions.writer());
    final StoreCipher.Seal seal = head.seal(cipher);
    final PackBuffer buffer = new PackBuffer(memory);
    final List<ChunkId> ids = new ArrayList<>();
    byte[] entries = new byte[256 * PackTable.ENTRY];

    Draft() {
      buffer.append(head.bytes(), PackFormat.HEAD);
    }

    void add(Kind kind, ChunkId id, int plainLength, int codec, byte[] packed, int length) {
      byte[] sealed = packed;
      int sealedLength = length;
      if (cipher.encrypts()) {
        sealed = seal.close(ids.size(), Arrays.copyOf(packed, length));
        sealedLength = sealed.length;
      }
      int at = ids.size() * PackTable.ENTRY;
      if (at == entries.length) {
        entries = Arrays.copyOf(entries, entries.length * 2);
      }
      int sum = ~Crc32c.update(~0, sealed, 0, sealedLength);
      new PackTable.Entry(kind, id, codec, sealedLength, plainLength, sum).put(entries, at);
      buffer.append(sealed, sealedLength);
      ids.add(id);
    }

    boolean full() {
      return buffer.length() >= PACK_LENGTH || ids.size() == PackTable.ENTRIES_MAX;
    }
  }

  PackWriter(Backend backend, StoreCipher cipher, Inventory inventory, Sessions sessions) {
    this.backend = backend;
    this.cipher = cipher;
    this.inventory = inventory;
    this.sessions = sessions;
  }

  /// How often a pack could not be put: what an upload compares at its end.
  long failures() {
    lock.lock();
    try {
      return failures;
    } finally {
      lock.unlock();
    }
  }

  /// Throws when a pack was lost since [#failures] was `then`.
  void checkSince(long then) throws IOException {
    lock.lock();
    try {
      if (failures != then && failure != null) {
        throw new IOException(failure.getMessage(), failure);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Bytes of packs put so far.
  long storedBytes() {
    lock.lock();
    try {
      return storedBytes;
    } finally {
      lock.unlock();
    }
  }

  /// True when the piece is on its way into the store.
  boolean isPending(ChunkId id) {
    lock.lock();
    try {
      return pending.contains(id);
    } finally {
      lock.unlock();
    }
  }

  /// Adds a piece, unless it is on its way already. May wait for packs to be put.
  ///
  /// @param packed holds it as it is stored, before it is sealed
  /// @param length how many bytes of `packed`
  void add(Kind kind, ChunkId id, int plainLength, int codec, byte[] packed, int length) {
    lock.lock();
    try {
      // What is pending is in a pack, so that a flush waits for it.
      Draft filling = pending.contains(id) ? null : draft();
      if (filling == null || !pending.add(id)) {
        return;
      }
      try {
        filling.add(kind, id, plainLength, codec, packed, length);
      } catch (RuntimeException | Error e) {
        pending.remove(id);
        lose(filling, new IOException("a pack could not be filled: " + e, e));
        throw e;
      }
      if (filling.full()) {
        send();
      }
    } finally {
      lock.unlock();
    }
  }

  /// The pack being filled; a new one waits until few enough are on their way. The lock is held; it
  /// is given up while waiting.
  private Draft draft() {
    while (draft == null && underWay.size() >= UNDER_WAY_MAX) {
      change.awaitUninterruptibly();
    }
    if (draft == null) {
      draft = new Draft();
    }
    return draft;
  }

  /// Sends the draft on its way. The lock is held.
  private void send() {
    Draft full = draft;
    if (full == null || full.ids.isEmpty()) {
      return;
    }
    draft = null;
    long number = ++sent;
    underWay.add(number);
    Thread.ofPlatform().daemon().name("pack").start(() -> put(full, number));
  }

  /// Forgets a draft that is not whole. The lock is held.
  private void lose(Draft broken, IOException why) {
    draft = null;
    broken.buffer.release();
    pending.removeAll(broken.ids);
    failures++;
    failure = why;
  }

  private void put(Draft full, long number) {
    IndexObject.Line line = null;
    IOException thrown = null;
    try {
      line = putPack(full);
      inventory.add(line);
    } catch (IOException e) {
      thrown = e;
    } catch (RuntimeException | Error e) {
      thrown = new IOException("a pack could not be put: " + e, e);
    } finally {
      full.buffer.release();
    }
    lock.lock();
    try {
      full.ids.forEach(pending::remove);
      if (line != null) {
        unindexed.add(line);
        storedBytes += line.pack.length();
      } else {
        failures++;
        failure = thrown;
      }
      underWay.remove(number);
      change.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private IndexObject.Line putPack(Draft full) throws IOException {
    byte[] entries = Arrays.copyOf(full.entries, full.ids.size() * PackTable.ENTRY);
    byte[] tail = PackFormat.tail(full.head, cipher, entries);
    List<MemorySegment> content = full.buffer.parts();
    content.add(MemorySegment.ofArray(tail));
    Pack pack =
        new Pack(
            PackFormat.name(full.head, tail),
            full.buffer.length() + tail.length,
            full.head.writer(),
            full.ids.size());
    backend.put(pack.object(), content);
    long[] prefixes = new long[full.ids.size()];
    for (int i = 0; i < prefixes.length; i++) {
      prefixes[i] = full.ids.get(i).a();
    }
    return new IndexObject.Line(pack, prefixes);
  }

  /// Puts what was added so far, and the index of it. When it returns, and [#checkSince] does not
  /// throw, all of it lasts.
  void flush() throws IOException {
    lock.lock();
    try {
      send();
      long last = sent;
      while (!underWay.isEmpty() && underWay.first() <= last) {
        change.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
    index();
  }

  private final ReentrantLock indexing = new ReentrantLock();

  private void index() throws IOException {
    // One at a time: who finds nothing to index must know that what was there is indexed.
    indexing.lock();
    try {
      List<IndexObject.Line> lines;
      lock.lock();
      try {
        lines = List.copyOf(unindexed);
      } finally {
        lock.unlock();
      }
      for (int at = 0; at < lines.size(); at += IndexObject.PACKS_MAX) {
        int end = Math.min(lines.size(), at + IndexObject.PACKS_MAX);
        List<IndexObject.Line> part = lines.subList(at, end);
        inventory.indexed(IndexObject.put(backend, cipher, part), part);
      }
      lock.lock();
      try {
        unindexed.removeAll(lines);
      } finally {
        lock.unlock();
      }
    } finally {
      indexing.unlock();
    }
  }

  /// Frees the memory of packs; what was not flushed is lost.
  @Override
  public void close() {
    lock.lock();
    try {
      if (draft != null) {
        draft.buffer.release();
        draft = null;
      }
    } finally {
      lock.unlock();
    }
    memory.close();
  }
}
