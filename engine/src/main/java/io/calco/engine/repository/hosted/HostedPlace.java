package io.calco.engine.repository.hosted;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.store.backend.LocalDirectory;
import io.calco.store.backend.LocalDirectory.Existing;
import io.calco.sys.OpenFile;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/// A repository's directory, whoever uses it.
///
/// Thread rule: safe for several threads.
final class HostedPlace {
  /// Beside the objects, and none of them.
  private static final String REPLACED = ".replaced";

  /// Ours: a root has 1 MiB of attributes, and a few hundred KiB of parts.
  private static final int REPLACED_MAX = 16 << 20;

  private final Path root;
  private final LocalDirectory objects;

  /// Held by who replaces what is kept.
  private final ReentrantLock replacing = new ReentrantLock();

  private HostedPlace(Path root, LocalDirectory objects) {
    this.root = root;
    this.objects = objects;
  }

  /// Opens it, and deletes what puts have left there that a server's end has cut off.
  static HostedPlace open(Path root) throws IOException {
    LocalDirectory objects = LocalDirectory.open(root);
    objects.sweep();
    return new HostedPlace(root, objects);
  }

  LocalDirectory objects() {
    return objects;
  }

  boolean has(String name) throws IOException {
    try {
      open(name).close();
      return true;
    } catch (NoSuchFileException none) {
      return false;
    }
  }

  OpenFile open(String name) throws IOException {
    return objects.openObject(name);
  }

  boolean put(String name, InputStream content, long length, Existing existing) throws IOException {
    if (Files.isDirectory(root.resolve(name))) {
      throw taken(name);
    }
    try {
      return objects.put(name, content, length, existing);
    } catch (FileAlreadyExistsException e) { // a part of the name is an object
      throw taken(name);
    }
  }

  private static OperationException taken(String name) {
    return new OperationException(
        Kind.REFUSED, "%s is the beginning of another object's name.".formatted(name));
  }

  /// Puts an object in the place of another, which is kept beside.
  void putKeeping(String name, InputStream content, long length) throws IOException {
    byte[] fresh = content.readNBytes(Math.toIntExact(length));
    if (fresh.length < length) {
      throw new EOFException("%s: %d bytes came of %d".formatted(name, fresh.length, length));
    }
    replacing.lock();
    try {
      byte[] before = objects.get(name, REPLACED_MAX);
      if (Arrays.equals(before, fresh)) {
        return;
      }
      keep(name, before);
      objects.put(name, List.of(MemorySegment.ofArray(fresh)));
    } finally {
      replacing.unlock();
    }
  }

  private void keep(String name, byte[] before) throws IOException {
    try (LocalDirectory kept = LocalDirectory.create(root.resolve(REPLACED))) {
      long now = System.currentTimeMillis();
      while (!kept.put(
          name + "/" + now, new ByteArrayInputStream(before), before.length, Existing.KEPT)) {
        now++;
      }
    }
  }

  /// Deletes objects; passes over what is none.
  void delete(Collection<String> names) throws IOException {
    objects.deleteAll(
        names.stream().filter(name -> !Files.isDirectory(root.resolve(name))).toList());
  }

  /// Most bytes of an object that is replaced so.
  static int keepingMax() {
    return REPLACED_MAX;
  }
}
