package io.calco.store;

import io.calco.disk.Disk;
import io.calco.disk.JobContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.Arrays;
import java.util.SequencedMap;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// Adds to a store. What is added is kept for as long as the upload is open, and for ever once
/// [#commit] has given it a name; what has no name when the upload is closed is garbage.
///
/// Thread rule: safe for several threads at once; a [BlobWriter] is for one.
public final class Upload implements AutoCloseable {
  private final Store store;
  private final UUID session;
  private final long failuresBefore;
  private final Set<ChunkId> added = ConcurrentHashMap.newKeySet();
  private final LongAdder data = new LongAdder();
  private final LongAdder fresh = new LongAdder();
  private final LongAdder stored = new LongAdder();
  private final LongAdder known = new LongAdder();
  private volatile boolean closed;

  Upload(Store store, UUID session) {
    this.store = store;
    this.session = session;
    this.failuresBefore = store.writer().failures();
  }

  /// Adds a disk, cut on its own grid. Runs that read as zeroes are neither read nor stored.
  ///
  /// @return what [Store#openDisk] opens it by, once it is committed
  /// @throws IOException when the disk cannot be read or the store not be written
  /// @throws java.util.concurrent.CancellationException when the job was cancelled
  public ChunkId addDisk(Disk disk, JobContext job) throws IOException {
    checkOpen();
    return added(new DiskUpload(this, disk, job).run());
  }

  /// As [#addDisk(Disk, JobContext)]; what is as it was in a disk that was stored before is not
  /// read, but for what the store has lost of it. One of another length, or cut on another grid, is
  /// of no help.
  public ChunkId addDisk(Disk disk, Predecessor before, JobContext job) throws IOException {
    checkOpen();
    return added(new DiskUpload(this, disk, job).after(before).run());
  }

  /// Adds bytes as they come; they are given back exactly.
  public BlobWriter newBlob() {
    checkOpen();
    return new BlobWriter(this);
  }

  /// Adds all bytes of a stream, which stays open.
  ///
  /// @return what [Store#openBlob] opens them by, once it is committed
  public ChunkId addBlob(InputStream in, JobContext job) throws IOException {
    try (BlobWriter blob = newBlob()) {
      byte[] buffer = new byte[1 << 18];
      int read;
      long done = 0;
      while ((read = in.readNBytes(buffer, 0, buffer.length)) > 0) {
        job.checkCancelled();
        blob.write(buffer, 0, read);
        done += read;
        job.progress("storing", done, 0);
      }
      return blob.finish();
    }
  }

  /// Gives what was added a name. When it returns all of it is on the medium and the name leads to
  /// it; when it throws the name leads to what it led to before.
  ///
  /// @param name of the root; must be free
  /// @param parts identities that this upload added, or that roots have which exist since before it
  ///   began
  /// @param attributes text for whoever reads the root
  /// @throws FileAlreadyExistsException when a root has the name
  public Root commit(String name, SequencedMap<String, ChunkId> parts, String attributes)
      throws IOException {
    if (store.findRoot(name).isPresent()) {
      throw new FileAlreadyExistsException(name);
    }
    return commitReplacing(name, parts, attributes);
  }

  /// As [#commit]; a root that has the name is replaced, at one stroke.
  ///
  /// @throws AppendOnlyException when the store only grows and the root has other parts
  public Root commitReplacing(String name, SequencedMap<String, ChunkId> parts, String attributes)
      throws IOException {
    if (store.appendOnly()
        && store.findRoot(name).filter(there -> !there.parts().equals(parts)).isPresent()) {
      throw new AppendOnlyException(store.backend().place());
    }
    return put(new Root(name, parts, attributes, Instant.now(), UUID.randomUUID(), session));
  }

  /// Gives what was copied from another store the name and the time that it has there.
  ///
  /// @param parts with the identities that they have here
  Root commitCopy(Root original, SequencedMap<String, ChunkId> parts) throws IOException {
    return put(
        new Root(
            original.name(),
            parts,
            original.attributes(),
            original.created(),
            UUID.randomUUID(),
            session));
  }

  private Root put(Root root) throws IOException {
    checkOpen();
    for (ChunkId part : root.parts().values()) {
      if (!added.contains(part) && !isStored(part)) {
        throw new NoSuchFileException(part.toString(), null, "not in the store");
      }
    }
    store.writer().flush();
    store.writer().checkSince(failuresBefore);
    store.sessions().checkAlive(session);
    store.roots().put(root);
    try {
      store.sessions().checkAlive(session);
    } catch (IOException e) {
      store.roots().remove(root);
      throw e;
    }
    return root;
  }

  /// Notes what may be committed, wherever its pieces lie.
  ChunkId added(ChunkId record) {
    added.add(record);
    return record;
  }

  /// Stores a piece unless it is there.
  ChunkId store(Kind kind, byte[] bytes, int length) throws IOException {
    ChunkId id = store.cipher().identify(kind, bytes, length);
    if (kind == Kind.DATA) {
      data.add(length);
    }
    if (!has(id)) {
      stored.add(store.add(kind, id, bytes, length));
      if (kind == Kind.DATA) {
        fresh.add(length);
      }
    }
    return id;
  }

  /// What this upload has done so far.
  public UploadWork work() {
    return new UploadWork(data.sum(), fresh.sum(), stored.sum(), known.sum());
  }

  /// Takes a chunk by its identity alone; false when the store does not have it.
  boolean takeKnown(ChunkId id, int length) throws IOException {
    if (id.equals(ChunkId.HOLE)) {
      return true;
    }
    if (!has(id)) {
      return false;
    }
    data.add(length);
    known.add(length);
    return true;
  }

  private boolean isStored(ChunkId id) throws IOException {
    try {
      return store.inventory().findLasting(id) != null;
    } catch (NoSuchFileException gone) {
      return false;
    }
  }

  /// True when a piece is there, or on its way.
  boolean has(ChunkId id) throws IOException {
    return store.writer().isPending(id) || isStored(id);
  }

  /// Stores a chunk unless it is there or all zeroes.
  ChunkId storeChunk(byte[] bytes, int length) throws IOException {
    return Arrays.mismatch(bytes, 0, length, Zeroes.BYTES, 0, length) < 0
        ? ChunkId.HOLE
        : store(Kind.DATA, bytes, length);
  }

  /// Bytes to compare with.
  private static final class Zeroes {
    static final byte[] BYTES = new byte[ImageRecord.CHUNK_MAX];
  }

  Store owner() {
    return store;
  }

  void checkOpen() {
    if (closed) {
      throw new IllegalStateException("upload is closed");
    }
  }

  /// Ends the upload. What was not committed is garbage from now on.
  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      store.sessions().end(session);
    }
  }
}
