package io.calco.backup;

import io.calco.disk.CopyOptions;
import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.DiskCopy;
import io.calco.disk.JobContext;
import io.calco.disk.ZeroMode;
import io.calco.volume.PartitionTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Brings bytes of a point back to disks that are at least as large.
///
/// Write order, on a target that is there already: its first mebibyte becomes zeroes and a mark
/// that names the point, everything else is written, and the first mebibyte last, a sync between:
/// what a crash leaves has no partition table and no file system that anybody could take for whole.
/// Running again finishes it: the mark says that what is there may be right already, so that it is
/// read, and only what differs is written.
public final class Restore {
  /// Where what makes sense of all the rest lies: a partition table, a boot sector, a superblock.
  private static final int HEAD = 1 << 20;

  /// Where the mark lies meanwhile.
  private static final int MARK = 4096;

  private static final String MARK_TEXT = "Calco: a restore was cut here, of the point ";

  private Restore() {}

  /// What the target holds beforehand.
  public enum Target {
    /// Zeroes: it was made for this.
    NEW,
    /// Anything: all is written.
    OVERWRITTEN,
    /// Much of the same: it is read, and only what differs is written.
    COMPARED
  }

  /// Whether what was written is read again.
  public enum Proof {
    NONE,
    /// All of it is read and compared with the point.
    READ_AGAIN
  }

  /// How it is done.
  ///
  /// @param copy for a target of the image at hand
  public record Options(Target target, Proof proof, CopyOptions copy) {}

  /// What was done.
  ///
  /// @param written bytes that were written; of a target that was not compared, the point's size
  /// @param tableMoved the partition table was fitted to a larger disk
  /// @param continued a restore that had been cut was finished
  public record Report(long written, boolean tableMoved, boolean continued) {}

  /// Where bytes go.
  ///
  /// @param disk at least as large as the source
  /// @param held runs of a [Target#COMPARED] one that were found to hold what the source has there,
  ///   when that was read
  public record Destination(Disk disk, Options options, HeldRuns held) {
    /// One of which nothing is known.
    public Destination(Disk disk, Options options) {
      this(disk, options, new HeldRuns());
    }
  }

  /// What came of one destination.
  public sealed interface Result {
    /// It holds what it should.
    record Done(Report report) implements Result {}

    /// It could not be written, or does not hold what was written.
    record Failed(IOException failure) implements Result {}
  }

  /// Writes a whole disk; on a larger one the partition table is fitted to its end, partitions stay
  /// as they were.
  ///
  /// @param source a point's disk
  /// @param point the point's, for the mark
  /// @throws CorruptImageException when what was read again differs
  public static Report disk(Disk source, Disk target, Options options, UUID point, JobContext job)
      throws IOException {
    return only(disks(source, List.of(new Destination(target, options)), point, job));
  }

  private static Report only(List<Result> results) throws IOException {
    return switch (results.getFirst()) {
      case Result.Done(Report report) -> report;
      case Result.Failed(IOException failure) -> throw failure;
    };
  }

  /// As [#disk] for several targets at once: the source is read once, and once more where one is to
  /// be proven. One that fails does not stop the others.
  ///
  /// @param destinations at least one
  /// @return of each, in their order
  /// @throws IOException when the source cannot be read
  public static List<Result> disks(
      Disk source, List<Destination> destinations, UUID point, JobContext job) throws IOException {
    return write(source, destinations, point, job, Restore::fit);
  }

  /// Writes one partition over another; what that one has behind it stays.
  ///
  /// @param source a partition of a point's disk
  /// @param target the partition, at least as large
  public static Report partition(
      Disk source, Disk target, Options options, UUID point, JobContext job) throws IOException {
    return only(partitions(source, List.of(new Destination(target, options)), point, job));
  }

  /// As [#partition] over several at once, as [#disks].
  public static List<Result> partitions(
      Disk source, List<Destination> destinations, UUID point, JobContext job) throws IOException {
    return write(source, destinations, point, job, (_, _) -> false);
  }

  private static boolean fit(Disk source, Disk target) throws IOException {
    if (target.size() <= source.size()) {
      return false;
    }
    clearEnd(source, target);
    Optional<PartitionTable> table = PartitionTable.find(target);
    if (table.isEmpty()) {
      return false;
    }
    table.get().moveToEnd(target);
    return table.get().name().equals("gpt");
  }

  /// A larger disk may have at its end the backup of a partition table that is no more.
  private static void clearEnd(Disk source, Disk target) throws IOException {
    long from = Math.max(source.size(), target.size() - HEAD);
    if (!target.extentAt(from, target.size() - from).readsZero()
        || target.extentAt(from, target.size() - from).end() < target.size()) {
      target.writeZeroes(from, target.size() - from, ZeroMode.MAY_UNMAP);
    }
  }

  /// What is done to a disk that was written; true when its table was moved.
  private interface Ending {
    boolean end(Disk source, Disk target) throws IOException;
  }

  private static List<Result> write(
      Disk source, List<Destination> destinations, UUID point, JobContext job, Ending ending)
      throws IOException {
    List<Copy> copies = new ArrayList<>();
    boolean fresh = destinations.stream().allMatch(each -> each.options().target() == Target.NEW);
    for (Destination destination : destinations) {
      copies.add(Copy.of(destination, source.size(), point, fresh));
    }
    TeeDriver tee = new TeeDriver(copies.stream().map(Copy::member).toList());
    try {
      Disk all = Disk.owning(tee);
      CopyOptions how = together(destinations);
      if (fresh) {
        DiskCopy.copy(source, all, how, job);
      } else {
        headLast(source, all, how, point, job);
      }
    } catch (IOException e) {
      if (!tee.allFailed()) {
        throw e;
      }
    }
    Map<Copy, IOException> unproven = prove(source, copies, job);
    List<Result> results = new ArrayList<>();
    for (Copy copy : copies) {
      IOException failure = unproven.get(copy);
      results.add(failure == null ? copy.end(source, ending) : new Result.Failed(failure));
    }
    return results;
  }

  /// Reads what was written, where that is wanted, beside the source, which is read once for all.
  ///
  /// @return those that do not hold it, and why
  private static Map<Copy, IOException> prove(Disk source, List<Copy> copies, JobContext job)
      throws IOException {
    Map<Copy, IOException> failures = new HashMap<>();
    Map<Copy, TeeDriver.Member> members = new HashMap<>();
    List<TeeDriver.Member> inOrder = new ArrayList<>();
    for (Copy copy : copies) {
      if (copy.isToBeProven()) {
        try {
          copy.destination().disk().sync();
          TeeDriver.Member member = copy.proof(source.size());
          members.put(copy, member);
          inOrder.add(member);
        } catch (IOException e) {
          failures.put(copy, e);
        }
      }
    }
    if (inOrder.isEmpty()) {
      return failures;
    }
    TeeDriver tee = new TeeDriver(inOrder);
    CopyOptions first = copies.getFirst().destination().options().copy();
    CopyOptions all =
        new CopyOptions(
            first.threads(), false, first.sparseLength(), 1, first.pieceLength(), "comparing");
    try {
      DiskCopy.copy(source, Disk.owning(tee), all, job);
    } catch (IOException e) {
      if (!tee.allFailed()) {
        throw e;
      }
    }
    members.forEach((copy, member) -> {
      IOException failure = member.failure();
      if (failure != null) {
        failures.put(copy, failure);
      }
    });
    return failures;
  }

  /// How all of them are copied to: as the most demanding is.
  private static CopyOptions together(List<Destination> destinations) {
    CopyOptions first = destinations.getFirst().options().copy();
    int unit = 1;
    boolean zero = true;
    for (Destination destination : destinations) {
      unit = Math.max(unit, destination.options().copy().unitLength());
      zero &= destination.options().copy().targetIsZero();
    }
    return new CopyOptions(
        first.threads(), zero, first.sparseLength(), unit, first.pieceLength(), first.step());
  }

  /// A destination at work.
  private record Copy(
      Destination destination,
      Optional<DifferencesDriver> differences,
      TeeDriver.Member member,
      boolean continued) {

    /// @param fresh all of them were made for this
    static Copy of(Destination destination, long size, UUID point, boolean fresh)
        throws IOException {
      Disk room = destination.disk().slice(0, size);
      Target target = destination.options().target();
      boolean continued = target != Target.NEW && isMarked(room, point);
      Optional<DifferencesDriver> differences =
          continued || target == Target.COMPARED
              ? Optional.of(
                  new DifferencesDriver(
                      room, DifferencesDriver.Difference.WRITTEN, destination.held()))
              : Optional.empty();
      Disk written = differences.<Disk>map(Disk::owning).orElse(room);
      boolean zero = fresh && destination.options().copy().targetIsZero();
      return new Copy(destination, differences, new TeeDriver.Member(written, zero), continued);
    }

    boolean isToBeProven() {
      return member.failure() == null && destination.options().proof() == Proof.READ_AGAIN;
    }

    /// The destination, to be compared with what is written to it.
    TeeDriver.Member proof(long size) {
      Disk room = destination.disk().slice(0, size);
      return new TeeDriver.Member(
          Disk.owning(new DifferencesDriver(room, DifferencesDriver.Difference.REFUSED)), false);
    }

    Result end(Disk source, Ending ending) {
      IOException failure = member.failure();
      if (failure != null) {
        return new Result.Failed(failure);
      }
      try {
        Disk disk = destination.disk();
        boolean moved = ending.end(source, disk);
        disk.sync();
        long written = differences.map(DifferencesDriver::written).orElse(source.size());
        return new Result.Done(new Report(written, moved, continued));
      } catch (IOException e) {
        return new Result.Failed(e);
      }
    }
  }

  /// As long as any device's sector.
  private static byte[] mark(UUID point) {
    byte[] text = (MARK_TEXT + point + "\n").getBytes(StandardCharsets.US_ASCII);
    return Arrays.copyOf(text, MARK);
  }

  private static boolean isMarked(Disk room, UUID point) throws IOException {
    byte[] mark = mark(point);
    return room.size() >= HEAD && Arrays.equals(room.readBytes(MARK, mark.length), mark);
  }

  private static void headLast(
      Disk source, Disk target, CopyOptions copy, UUID point, JobContext job) throws IOException {
    long head = Math.min(HEAD, source.size());
    target.writeZeroes(0, head, ZeroMode.MAY_UNMAP);
    if (head == HEAD) {
      target.writeBytes(MARK, mark(point));
    }
    target.sync();
    if (source.size() > head) {
      DiskCopy.copy(
          source.slice(head, source.size() - head),
          target.slice(head, source.size() - head),
          copy,
          job);
      target.sync();
    }
    DiskCopy.copy(source.slice(0, head), target.slice(0, head), copy, job);
  }
}
