package io.calco.engine.repository.hosted;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.store.backend.IncomingObject;
import io.calco.store.backend.LocalDirectory;
import io.calco.sys.OpenFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
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
  private final ProjectQuota quota;

  /// Held by who replaces what is kept.
  private final ReentrantLock replacing = new ReentrantLock();

  private HostedPlace(Path root, LocalDirectory objects, ProjectQuota quota) {
    this.root = root;
    this.quota = quota;
    this.objects = objects;
  }

  /// Opens it, and deletes what puts have left there that a server's end has cut off.
  static HostedPlace open(Path root, ProjectQuota quota) throws IOException {
    LocalDirectory objects = LocalDirectory.open(root);
    objects.sweep();
    return new HostedPlace(root, objects, quota);
  }

  LocalDirectory objects() {
    return objects;
  }

  ProjectQuota quota() {
    return quota;
  }

  /// Where an object lies.
  Path file(String name) {
    return root.resolve(name);
  }

  OpenFile open(String name) throws IOException {
    return objects.openObject(name);
  }

  /// Takes in an object, which has no name before it is published.
  IncomingObject receive(String name, InputStream content, long length) throws IOException {
    if (Files.isDirectory(root.resolve(name))) {
      throw taken(name);
    }
    try {
      return objects.receive(name, content, length);
    } catch (FileAlreadyExistsException | NotDirectoryException e) { // a part of it is an object
      throw taken(name);
    }
  }

  private static OperationException taken(String name) {
    return new OperationException(
        Kind.REFUSED, "%s is the beginning of another object's name.".formatted(name));
  }

  /// Publishes an object; one that has the name, and other bytes, is kept beside.
  ///
  /// @return the bytes of what is kept
  long publishKeeping(String name, IncomingObject fresh) throws IOException {
    replacing.lock();
    try {
      if (fresh.publishNew()) {
        return 0;
      }
      byte[] before = objects.get(name, REPLACED_MAX);
      keep(name, before);
      fresh.publishReplacing();
      return before.length;
    } finally {
      replacing.unlock();
    }
  }

  private void keep(String name, byte[] before) throws IOException {
    try (LocalDirectory kept = LocalDirectory.create(root.resolve(REPLACED))) {
      for (long now = System.currentTimeMillis(); ; now++) {
        try (IncomingObject copy =
            kept.receive(name + "/" + now, new ByteArrayInputStream(before), before.length)) {
          if (copy.publishNew()) {
            return;
          }
        }
      }
    }
  }

  /// Deletes objects; passes over what is none.
  void delete(Collection<String> names) throws IOException {
    List<String> files = names.stream().filter(name -> !Files.isDirectory(file(name))).toList();
    quota.delete(files.stream().map(this::file).toList(), () -> objects.deleteAll(files));
  }
}
