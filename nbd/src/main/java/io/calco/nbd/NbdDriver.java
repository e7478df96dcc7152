package io.calco.nbd;

import io.calco.disk.DiskCapabilities;
import io.calco.disk.DiskDriver;
import io.calco.disk.Extent;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/// The disk at the other end. What the server does not take as it is, is cut, or rounded to its
/// blocks, here.
final class NbdDriver implements DiskDriver {
  /// Longest that is moved by one request: it is to end while somebody waits for it.
  private static final int REQUEST_MAX_BYTES = 2 << 20;

  private static final long ZEROES_MAX_BYTES = 1L << 30;
  private static final long STATUS_BYTES = 1L << 30;
  private static final int SLOW = 10;

  private final ConnectionPool pool;
  private final ClientHandshake.Served served;
  private final DiskCapabilities capabilities;
  private final Duration most;
  private final StatusRuns known = new StatusRuns();
  private final Lock roundedWrites = new ReentrantLock();

  private NbdDriver(ConnectionPool pool, boolean writable, Duration most) {
    this.pool = pool;
    this.served = pool.served();
    this.most = most;
    capabilities =
        new DiskCapabilities(
            writable,
            served.context().isPresent(),
            writable && served.can(Nbd.SEND_TRIM),
            writable && served.can(Nbd.SEND_WRITE_ZEROES),
            false);
  }

  static NbdDriver open(NbdAddress address, NbdDisk.Options options) throws IOException {
    ConnectionPool pool = ConnectionPool.open(address, Nbd.BASE_ALLOCATION, options);
    boolean write = options.access() == NbdDisk.Access.WRITE;
    if (write && pool.served().can(Nbd.READ_ONLY)) {
      pool.close();
      throw new UnsupportedFeatureException(address + ": the server serves it for reading only");
    }
    return new NbdDriver(pool, write, options.request());
  }

  @Override
  public long size() {
    return served.size();
  }

  @Override
  public DiskCapabilities capabilities() {
    return capabilities;
  }

  private int requestMax() {
    return Math.min(REQUEST_MAX_BYTES, served.payloadMax());
  }

  private boolean isRound(long offset, long length) {
    return (offset | length) % served.blockMin() == 0;
  }

  private long down(long offset) {
    return offset - offset % served.blockMin();
  }

  private long up(long offset) {
    return down(offset + served.blockMin() - 1);
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    for (long done = 0; done < dst.byteSize(); ) {
      long at = offset + done;
      long left = dst.byteSize() - done;
      long count;
      if (isRound(at, 0) && left >= served.blockMin()) {
        count = Math.min(down(left), requestMax());
        MemorySegment part = dst.asSlice(done, count);
        pool.run(connection -> connection.read(at, part, most));
      } else {
        long block = down(at);
        count = Math.min(left, block + served.blockMin() - at);
        MemorySegment.copy(block(block), at - block, dst, done, count);
      }
      done += count;
    }
  }

  private MemorySegment block(long offset) throws IOException {
    MemorySegment block = MemorySegment.ofArray(new byte[served.blockMin()]);
    pool.run(connection -> connection.read(offset, block, most));
    return block;
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    known.forget();
    try {
      for (long done = 0; done < src.byteSize(); ) {
        long at = offset + done;
        long left = src.byteSize() - done;
        long count;
        if (isRound(at, 0) && left >= served.blockMin()) {
          count = Math.min(down(left), requestMax());
          MemorySegment part = src.asSlice(done, count);
          pool.run(connection -> connection.write(at, part, most));
        } else {
          count = Math.min(left, down(at) + served.blockMin() - at);
          writeInBlock(at, src.asSlice(done, count));
        }
        done += count;
      }
    } finally {
      known.forget();
    }
  }

  private void writeInBlock(long at, MemorySegment src) throws IOException {
    roundedWrites.lock();
    try {
      long begin = down(at);
      MemorySegment block = block(begin);
      MemorySegment.copy(src, 0, block, at - begin, src.byteSize());
      pool.run(connection -> connection.write(begin, block, most));
    } finally {
      roundedWrites.unlock();
    }
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    long begin = Math.min(up(offset), offset + length);
    long end = Math.max(begin, down(offset + length));
    if (!capabilities.fastZero()) {
      begin = offset;
      end = offset;
    }
    writeZeroBytes(offset, begin);
    int flags = mode == ZeroMode.KEEP_ALLOCATED ? Nbd.CMD_FLAG_NO_HOLE : 0;
    long max = Math.max(ZEROES_MAX_BYTES, served.blockMin());
    for (long at = begin; at < end; at += max) {
      change(Nbd.CMD_WRITE_ZEROES, flags, at, Math.min(max, end - at));
    }
    writeZeroBytes(end, offset + length);
  }

  private void writeZeroBytes(long begin, long end) throws IOException {
    if (begin < end) {
      MemorySegment zeroes =
          MemorySegment.ofArray(new byte[(int) Math.min(requestMax(), end - begin)]);
      for (long at = begin; at < end; at += zeroes.byteSize()) {
        write(at, zeroes.asSlice(0, Math.min(zeroes.byteSize(), end - at)));
      }
    }
  }

  private void change(int type, int flags, long offset, long length) throws IOException {
    known.forget();
    try {
      pool.run(
          connection -> connection.command(type, flags, offset, length, most.multipliedBy(SLOW)));
    } finally {
      known.forget();
    }
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    long end = down(offset + length);
    for (long at = up(offset); at < end; at += ZEROES_MAX_BYTES) {
      change(Nbd.CMD_TRIM, 0, at, Math.min(ZEROES_MAX_BYTES, end - at));
    }
  }

  @Override
  public Extent extentAt(long offset, long maxLength) throws IOException {
    Extent found = known.find(offset);
    if (found == null) {
      long begin = down(offset);
      long wanted = Math.max(up(maxLength), STATUS_BYTES);
      long answerable = served.framing() == Framing.EXTENDED ? wanted : STATUS_BYTES;
      long asked = Math.min(answerable, served.size() - begin);
      long mark = known.mark();
      pool.run(
          connection -> known.learn(mark, extents(begin, connection.status(begin, asked, most))));
      found = known.find(offset);
    }
    return found == null
        ? new Extent(offset, maxLength, true, false) // somebody writes it meanwhile
        : new Extent(
            offset,
            Math.min(found.end() - offset, maxLength),
            found.allocated(),
            found.readsZero());
  }

  private static List<Extent> extents(long begin, List<MetaContext.Status> runs) {
    List<Extent> extents = new ArrayList<>(runs.size());
    long at = begin;
    for (MetaContext.Status run : runs) {
      boolean hole = (run.flags() & Nbd.STATE_HOLE) != 0;
      extents.add(new Extent(at, run.length(), !hole, (run.flags() & Nbd.STATE_ZERO) != 0));
      at += run.length();
    }
    return extents;
  }

  @Override
  public void resize(long newSize) {
    throw new IllegalStateException("a remote disk is not resizable");
  }

  /// What was answered has left us.
  @Override
  public void flush() {}

  @Override
  public void sync() throws IOException {
    if (capabilities.writable() && served.can(Nbd.SEND_FLUSH)) {
      change(Nbd.CMD_FLUSH, 0, 0, 0);
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
