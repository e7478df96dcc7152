package io.calco.engine.repository.hosted;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.store.backend.Backend;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;

/// What the repositories of a project hold together, and may hold: the bytes of all their files.
///
/// They are counted when somebody asks first, and kept up with each put and deletion from then on.
/// This host's own commands may change them too: they are counted anew after a day, and before
/// something is refused. Without a limit nothing is counted.
///
/// Thread rule: safe for several threads.
final class ProjectQuota {
  private static final Duration LASTING = Duration.ofDays(1);
  private static final int NAMES = 16;

  /// What lies beside the limit for those who may go over it a little, in parts of it.
  private static final int SLACK = 32;

  private final Path directory;
  private final OptionalLong limit;

  /// How old a count may be by which something is refused.
  private final Duration doubted;

  /// Shared by those who put, owned by who counts or deletes.
  private final ReentrantReadWriteLock files = new ReentrantReadWriteLock(true);

  /// One is held while an object of a name is put, so that what it replaces is counted once.
  private final List<Lock> names =
      IntStream.range(0, NAMES).<Lock>mapToObj(_ -> new ReentrantLock()).toList();

  /// Guards what follows.
  private final ReentrantLock numbers = new ReentrantLock();

  private long held;
  private long claimed;
  private boolean counted;
  private long countedAt;

  /// @param directory of the project; need not be there yet
  /// @param limit in bytes; empty for none
  ProjectQuota(Path directory, OptionalLong limit, Duration doubted) {
    this.directory = directory;
    this.limit = limit;
    this.doubted = doubted;
  }

  /// How near to the limit something may come.
  enum Reach {
    /// Not over it.
    WITHIN,
    /// A little over it: what is small, and needed to take something away.
    SLIGHTLY_OVER,
    /// As far as the disk goes.
    ANYWHERE
  }

  /// Whether there is a limit.
  boolean isLimited() {
    return limit.isPresent();
  }

  /// Counted now, if it was not before. Only where there is a limit.
  Backend.Quota use() throws IOException {
    count(LASTING);
    numbers.lock();
    try {
      return new Backend.Quota(limit.orElseThrow(), held);
    } finally {
      numbers.unlock();
    }
  }

  /// Room for an object, for as long as it is not closed.
  ///
  /// @param bytes of the object
  /// @throws OperationException LIMIT when they do not fit
  Claim claim(long bytes, Reach reach) throws IOException {
    if (limit.isEmpty()) {
      return new Claim(0);
    }
    count(LASTING);
    if (!take(bytes, reach)) {
      count(doubted);
      if (!take(bytes, reach)) {
        throw new OperationException(
            Kind.LIMIT,
            "The repositories of the project may have %d bytes, and have %d: %d more do not fit."
                .formatted(limit.getAsLong(), use().used(), bytes));
      }
    }
    return new Claim(bytes);
  }

  private boolean take(long bytes, Reach reach) {
    long most =
        switch (reach) {
          case WITHIN -> limit.orElseThrow();
          case SLIGHTLY_OVER -> Math.addExact(limit.orElseThrow(), limit.orElseThrow() / SLACK);
          case ANYWHERE -> Long.MAX_VALUE;
        };
    numbers.lock();
    try {
      if (most - held - claimed < bytes) {
        return false;
      }
      claimed += bytes;
      return true;
    } finally {
      numbers.unlock();
    }
  }

  private void add(long bytes) {
    numbers.lock();
    try {
      held += bytes;
    } finally {
      numbers.unlock();
    }
  }

  /// What gives an object its name.
  interface Publication {
    /// @return bytes that it has put under other names besides
    long run() throws IOException;
  }

  /// Room that is taken before it is needed. Confined.
  final class Claim implements AutoCloseable {
    private final long bytes;

    private Claim(long bytes) {
      this.bytes = bytes;
    }

    /// Gives an object its name.
    void publish(Path file, Publication publication) throws IOException {
      if (limit.isEmpty()) {
        publication.run();
        return;
      }
      files.readLock().lock();
      try {
        publishCounted(file, publication);
      } finally {
        files.readLock().unlock();
      }
    }

    private void publishCounted(Path file, Publication publication) throws IOException {
      Lock name = names.get(Math.floorMod(file.hashCode(), NAMES));
      name.lock();
      try {
        long before = size(file);
        try {
          add(publication.run());
        } finally {
          add(size(file) - before);
        }
      } finally {
        name.unlock();
      }
    }

    @Override
    public void close() {
      numbers.lock();
      try {
        claimed -= bytes;
      } finally {
        numbers.unlock();
      }
    }
  }

  /// What deletes files.
  interface Deletion {
    void run() throws IOException;
  }

  /// Deletes files.
  void delete(List<Path> paths, Deletion deletion) throws IOException {
    if (limit.isEmpty()) {
      deletion.run();
      return;
    }
    files.writeLock().lock();
    try {
      long before = sizes(paths);
      try {
        deletion.run();
      } finally {
        add(sizes(paths) - before);
      }
    } finally {
      files.writeLock().unlock();
    }
  }

  private static long sizes(List<Path> paths) throws IOException {
    long sum = 0;
    for (Path path : paths) {
      sum += size(path);
    }
    return sum;
  }

  private static long size(Path file) throws IOException {
    try {
      return Files.isDirectory(file) ? 0 : Files.size(file);
    } catch (NoSuchFileException none) {
      return 0;
    }
  }

  /// Counts, unless a count is no older.
  private void count(Duration age) throws IOException {
    if (isYounger(age)) {
      return;
    }
    files.writeLock().lock();
    try {
      if (!isYounger(age)) { // nobody else did meanwhile
        long sum = sum();
        numbers.lock();
        try {
          held = sum;
          counted = true;
          countedAt = System.nanoTime();
        } finally {
          numbers.unlock();
        }
      }
    } finally {
      files.writeLock().unlock();
    }
  }

  private boolean isYounger(Duration age) {
    numbers.lock();
    try {
      return counted && System.nanoTime() - countedAt < age.toNanos();
    } finally {
      numbers.unlock();
    }
  }

  /// All files but those that are coming: these are claimed.
  private long sum() throws IOException {
    if (!Files.isDirectory(directory)) {
      return 0;
    }
    Sum sum = new Sum();
    Files.walkFileTree(directory, sum);
    return sum.bytes;
  }

  private static final class Sum extends SimpleFileVisitor<Path> {
    private long bytes;

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      String name = file.getFileName().toString();
      if (attributes.isRegularFile() && !name.startsWith(".")) {
        bytes += attributes.size();
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      if (failure instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE; // deleted meanwhile
      }
      throw failure;
    }
  }
}
