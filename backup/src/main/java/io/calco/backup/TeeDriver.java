package io.calco.backup;

import io.calco.disk.Disk;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.DiskDriver;
import io.calco.disk.Extent;
import io.calco.disk.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Several disks that are written alike. One that fails is left alone from then on; only when all
/// have failed does writing. Leaves them open.
///
/// Thread rule: as [DiskDriver] has it.
final class TeeDriver implements DiskDriver {
  /// One of the disks.
  static final class Member {
    private final Disk disk;
    private final boolean zero;
    private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();

    /// @param zero it reads as zeroes already
    Member(Disk disk, boolean zero) {
      this.disk = disk;
      this.zero = zero;
    }

    @Nullable IOException failure() {
      return failure.get();
    }
  }

  /// Does something to one of them.
  private interface Work {
    void on(Member member) throws IOException;
  }

  private final List<Member> members;
  private final long size;

  /// @param members at least one, all of one length
  TeeDriver(List<Member> members) {
    this.members = List.copyOf(members);
    this.size = members.getFirst().disk.size();
  }

  private void onEach(Work work) throws IOException {
    boolean done = false;
    for (Member member : members) {
      if (member.failure() == null) {
        try {
          work.on(member);
          done = true;
        } catch (IOException e) {
          member.failure.compareAndSet(null, e);
        }
      }
    }
    if (!done) {
      throw new IOException(Objects.requireNonNull(members.getFirst().failure()));
    }
  }

  boolean allFailed() {
    return members.stream().allMatch(member -> member.failure() != null);
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public DiskCapabilities capabilities() {
    return new DiskCapabilities(true, false, false, false, false);
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    onEach(member -> member.disk.write(offset, src));
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    onEach(member -> {
      if (!member.zero) {
        member.disk.writeZeroes(offset, length, mode);
      }
    });
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    members.getFirst().disk.read(offset, dst);
  }

  @Override
  public void discard(long offset, long length) {
    throw new IllegalStateException("no discard");
  }

  @Override
  public Extent extentAt(long offset, long maxLength) {
    return new Extent(offset, maxLength, true, false);
  }

  @Override
  public void resize(long newSize) {
    throw new IllegalStateException("not resizable");
  }

  @Override
  public void flush() throws IOException {
    onEach(member -> member.disk.flush());
  }

  @Override
  public void sync() throws IOException {
    onEach(member -> member.disk.sync());
  }

  @Override
  public void close() {}
}
