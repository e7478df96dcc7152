package io.calco.store;

import io.calco.disk.LimitExceededException;
import io.calco.store.backend.Backend;
import io.calco.store.backend.StoredObject;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Objects in memory, that can be cut off: after so many changes nothing changes any more, and
/// every call fails, as if the process had been killed. A change can be cut before or after it was
/// done.
final class FaultyBackend implements Backend {
  private final Map<String, byte[]> objects;
  private long changesLeft = Long.MAX_VALUE;
  private boolean lastIsDone;
  private long changes;
  private long capacity = Long.MAX_VALUE;

  FaultyBackend() {
    this(new TreeMap<>());
  }

  private FaultyBackend(Map<String, byte[]> objects) {
    this.objects = objects;
  }

  /// The same objects, as the next process finds them.
  synchronized FaultyBackend reopened() {
    return new FaultyBackend(new TreeMap<>(objects));
  }

  /// Cuts after this many more changes.
  ///
  /// @param lastIsDone whether the one that fails first is done all the same
  synchronized void cutAfter(long left, boolean lastIsDone) {
    this.changesLeft = left;
    this.lastIsDone = lastIsDone;
  }

  /// Puts fail that would make the objects longer than this in all.
  synchronized void limit(long bytes) {
    capacity = bytes;
  }

  synchronized long changes() {
    return changes;
  }

  synchronized Map<String, byte[]> objects() {
    return objects;
  }

  synchronized long bytes(String prefix) {
    return objects.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(prefix))
        .mapToLong(entry -> entry.getValue().length)
        .sum();
  }

  @Override
  public String place() {
    return "memory";
  }

  private void change(Runnable change) throws IOException {
    if (changesLeft < 0) {
      throw new IOException("cut off");
    }
    changesLeft--;
    if (changesLeft < 0) {
      if (lastIsDone) {
        change.run();
      }
      throw new IOException("cut off");
    }
    changes++;
    change.run();
  }

  private void checkCut() throws IOException {
    if (changesLeft < 0) {
      throw new IOException("cut off");
    }
  }

  @Override
  public synchronized void put(String name, List<MemorySegment> content) throws IOException {
    long length = content.stream().mapToLong(MemorySegment::byteSize).sum();
    if (bytes("") + length > capacity) {
      throw new FileSystemException(name, null, "No space left on device");
    }
    byte[] bytes = new byte[Math.toIntExact(length)];
    int at = 0;
    for (MemorySegment part : content) {
      MemorySegment.copy(part, ValueLayout.JAVA_BYTE, 0, bytes, at, (int) part.byteSize());
      at += (int) part.byteSize();
    }
    change(() -> objects.put(name, bytes));
  }

  @Override
  public synchronized byte[] get(String name, int max) throws IOException {
    byte[] bytes = find(name);
    if (bytes.length > max) {
      throw new LimitExceededException(name + ": " + bytes.length + " bytes");
    }
    return bytes.clone();
  }

  @Override
  public synchronized void get(String name, long offset, MemorySegment dst) throws IOException {
    byte[] bytes = find(name);
    if (offset + dst.byteSize() > bytes.length) {
      throw new EOFException(name);
    }
    MemorySegment.copy(MemorySegment.ofArray(bytes), offset, dst, 0, dst.byteSize());
  }

  private byte[] find(String name) throws IOException {
    checkCut();
    byte[] bytes = objects.get(name);
    if (bytes == null) {
      throw new NoSuchFileException(name);
    }
    return bytes;
  }

  @Override
  public synchronized long size(String name) throws IOException {
    return find(name).length;
  }

  @Override
  public synchronized List<StoredObject> list(String prefix) throws IOException {
    checkCut();
    List<StoredObject> found = new ArrayList<>();
    objects.forEach((name, bytes) -> {
      if (name.startsWith(prefix)) {
        found.add(new StoredObject(name, bytes.length));
      }
    });
    return found;
  }

  @Override
  public synchronized void delete(String name) throws IOException {
    change(() -> objects.remove(name));
  }

  @Override
  public void sweep() {}

  @Override
  public void close() {}
}
