package io.calco.disk.wrap;

import io.calco.disk.HostFile;
import io.calco.disk.ReadOnlyFile;
import io.calco.disk.ThreadEnd;
import io.calco.disk.UnwrapBudget;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A packed file, read anywhere by unpacking the pieces that the bytes lie in. Pieces are found as
/// far as anybody has read; those used last are kept; who reads from front to end finds the next
/// one unpacked beside. Thread rule: as [HostFile].
final class PiecedFile extends ReadOnlyFile {
  /// Plain bytes that are kept, at least the piece used last: three blocks of `xz -6 -T0`, the one
  /// that is read, and its neighbours.
  private static final long KEPT = 72 << 20;

  /// A piece in memory, or on its way there.
  private static final class Slot {
    final ReentrantLock lock = new ReentrantLock();
    @Nullable MemorySegment bytes;
  }

  private final PieceSource source;
  private final OptionalLong knownSize;
  private final UnwrapBudget budget;

  /// Held while pieces are looked for; the fields up to the next lock are written with it only.
  private final ReentrantLock searching = new ReentrantLock();

  private volatile long found;
  private volatile boolean complete;
  private volatile @Nullable HostFile rest;
  private volatile @Nullable IOException failure;

  /// Guards the collections, for a moment only.
  private final ReentrantLock lock = new ReentrantLock();

  private final List<Piece> pieces = new ArrayList<>();
  private final Map<Piece, Slot> slots = new LinkedHashMap<>(16, 0.75f, true);
  private long kept;

  /// Where the piece ends that was used last.
  private long lastEnd = -1;

  /// Unpacks a piece that nobody has asked for yet.
  private @Nullable Thread ahead;

  private boolean closed;

  private PiecedFile(String name, PieceSource source, OptionalLong knownSize, UnwrapBudget budget) {
    super(name);
    this.source = source;
    this.knownSize = knownSize;
    this.budget = budget;
  }

  /// What `source` finds; it is closed with this file.
  static PiecedFile owning(String name, PieceSource source, UnwrapBudget budget)
      throws IOException {
    OptionalLong size = source.knownSize();
    budget.allow(size.orElse(0));
    return new PiecedFile(name, source, size, budget);
  }

  @Override
  public long size() throws IOException {
    OptionalLong known = knownSize;
    if (known.isPresent()) {
      return known.getAsLong();
    }
    search(Long.MAX_VALUE);
    HostFile tail = rest;
    return tail == null ? found : Math.addExact(found, tail.size());
  }

  @Override
  public boolean reaches(long end) throws IOException {
    if (knownSize.isPresent()) {
      return end <= knownSize.getAsLong();
    }
    search(end);
    HostFile tail = rest;
    return found >= end || tail != null && tail.reaches(end - found);
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    long end = endOf(offset, dst);
    if (knownSize.isPresent() && end > knownSize.getAsLong()) {
      throw endsBefore(knownSize.getAsLong(), end);
    }
    for (long at = offset; at < end; ) {
      search(at + 1);
      Piece piece = pieceAt(at);
      if (piece == null) {
        readRest(at, dst.asSlice(at - offset), end);
        return;
      }
      readAhead(piece);
      long n = Math.min(piece.end(), end) - at;
      MemorySegment.copy(unpacked(piece), at - piece.offset(), dst, at - offset, n);
      at += n;
    }
  }

  private void readRest(long at, MemorySegment dst, long end) throws IOException {
    HostFile tail = rest;
    if (tail == null) {
      throw endsBefore(found, end);
    }
    tail.read(at - found, dst);
  }

  /// Finds pieces until they reach `end`, or there are no more.
  private void search(long end) throws IOException {
    if (found >= end || complete) {
      return;
    }
    searching.lock();
    try {
      while (found < end && !complete) {
        IOException known = failure;
        if (known != null) {
          throw known;
        }
        take(source.next());
      }
    } catch (IOException e) {
      failure = e;
      throw e;
    } finally {
      searching.unlock();
    }
  }

  private void take(PieceSource.Next next) throws IOException {
    switch (next) {
      case PieceSource.Found(Piece piece, var bytes) -> {
        budget.allow(piece.end());
        lock.lock();
        try {
          pieces.add(piece);
          bytes.ifPresent(plain -> slotOf(piece).bytes = plain);
        } finally {
          lock.unlock();
        }
        found = piece.end();
      }
      case PieceSource.Rest(HostFile file) -> {
        rest = file;
        complete = true;
      }
      case PieceSource.End() -> complete = true;
    }
  }

  /// The piece that holds the byte, or null when it lies beyond all pieces.
  private @Nullable Piece pieceAt(long offset) {
    lock.lock();
    try {
      if (offset < 0 || offset >= found) {
        return null;
      }
      int low = 0;
      int high = pieces.size() - 1;
      while (low < high) {
        int middle = (low + high + 1) >>> 1;
        if (pieces.get(middle).offset() <= offset) {
          low = middle;
        } else {
          high = middle - 1;
        }
      }
      return pieces.get(low);
    } finally {
      lock.unlock();
    }
  }

  private MemorySegment unpacked(Piece piece) throws IOException {
    Slot slot;
    lock.lock();
    try {
      slot = slotOf(piece);
    } finally {
      lock.unlock();
    }
    slot.lock.lock();
    try {
      MemorySegment bytes = slot.bytes;
      if (bytes == null) {
        bytes = piece.unpack();
        slot.bytes = bytes;
      }
      return bytes;
    } finally {
      slot.lock.unlock();
    }
  }

  /// Unpacks the piece behind this one on another thread, when the one before it was read before
  /// it.
  private void readAhead(Piece piece) {
    Piece next = pieceAt(piece.end());
    lock.lock();
    try {
      boolean inOrder = piece.offset() == lastEnd;
      lastEnd = piece.end();
      if (inOrder && !closed && ahead == null && next != null && !slots.containsKey(next)) {
        ahead = Thread.ofPlatform().daemon().name("unpack").start(() -> unpackAhead(next));
      }
    } finally {
      lock.unlock();
    }
  }

  private void unpackAhead(Piece piece) {
    try {
      unpacked(piece);
    } catch (IOException | RuntimeException e) {
      // Who reads it will meet the same.
    } finally {
      lock.lock();
      try {
        ahead = null;
      } finally {
        lock.unlock();
      }
    }
  }

  /// The slot of a piece, now the last used; others make room for it.
  private Slot slotOf(Piece piece) {
    Slot slot = slots.get(piece);
    if (slot == null) {
      slot = new Slot();
      slots.put(piece, slot);
      kept += piece.length();
      var oldest = slots.keySet().iterator();
      while (kept > KEPT && slots.size() > 1) {
        kept -= oldest.next().length();
        oldest.remove();
      }
    }
    return slot;
  }

  @Override
  public void close() throws IOException {
    Thread running;
    lock.lock();
    try {
      closed = true;
      running = ahead;
    } finally {
      lock.unlock();
    }
    if (running != null) {
      ThreadEnd.await(running);
    }
    HostFile tail = rest;
    try (source) {
      if (tail != null) {
        tail.close();
      }
    }
  }
}
