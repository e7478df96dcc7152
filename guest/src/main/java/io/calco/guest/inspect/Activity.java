package io.calco.guest.inspect;

import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileStatus;
import io.calco.guest.GuestTree;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// When a Linux was started last, and when it last wrote what a running machine writes: from wtmp
/// (utmp(5)), the journal's header (systemd, "Journal File Format"), and files' times.
final class Activity {
  private static final List<String> TOUCHED =
      List.of(
          "/var/log/wtmp",
          "/var/log/lastlog",
          "/var/log/syslog",
          "/var/log/messages",
          "/var/log/journal/*/system.journal",
          "/var/lib/systemd/random-seed",
          "/var/lib/systemd/timesync/clock",
          "/var/lib/urandom/random-seed",
          "/var/lib/seedrng/seed.credit");
  private static final int MAX_WTMP = 1 << 20; // ours: bytes of its end
  private static final int BOOT_TIME = 2; // utmp's ut_type
  private static final int LAST_TYPE = 9;
  private static final int SHORT_RECORD = 384; // x86 and others: times of 32 bits
  private static final int LONG_RECORD = 400; // aarch64, riscv64: of 64
  private static final int JOURNAL_HEADER = 208;

  /// Between these a time is one: 1990 and 2200.
  private static final long EARLIEST = 631_152_000;

  private static final long LATEST = 7_258_118_400L;

  private final GuestTree tree;

  Activity(GuestTree tree) {
    this.tree = tree;
  }

  Optional<Instant> lastBoot() throws IOException {
    List<Instant> boots = new ArrayList<>();
    wtmp().ifPresent(boots::add);
    for (String path : tree.glob("/var/log/journal/*/system.journal")) {
      journal(tree.readStart(path, JOURNAL_HEADER).orElse(new byte[0])).ifPresent(boots::add);
    }
    return boots.stream().max(Comparator.naturalOrder());
  }

  Optional<Instant> lastUsed() throws IOException {
    List<Instant> times = new ArrayList<>();
    for (String pattern : TOUCHED) {
      for (String path : tree.glob(pattern)) {
        tree.find(path).map(FileStatus::modified).ifPresent(times::add);
      }
    }
    return times.stream().max(Comparator.naturalOrder());
  }

  private Optional<Instant> wtmp() throws IOException {
    Optional<String> path = tree.realPath("/var/log/wtmp").filter(p -> !p.isEmpty());
    if (path.isEmpty() || !tree.isFile(path.get())) {
      return Optional.empty();
    }
    long size = tree.find(path.get()).orElseThrow().size();
    for (int record : new int[] {SHORT_RECORD, LONG_RECORD}) {
      long whole = size / record * record;
      long start = Math.max(0, whole - (long) MAX_WTMP / record * record);
      byte[] end = read(path.get(), start, (int) (whole - start));
      if (size % record == 0 && isLaidOut(end, record)) {
        return lastBoot(end, record);
      }
    }
    return Optional.empty();
  }

  private byte[] read(String path, long start, int length) throws IOException {
    byte[] bytes = new byte[length];
    int done = 0;
    while (done < length) {
      int read = tree.read(path, start + done, MemorySegment.ofArray(bytes).asSlice(done));
      if (read <= 0) {
        return Arrays.copyOf(bytes, done);
      }
      done += read;
    }
    return bytes;
  }

  /// Each record has a type and a time.
  private static boolean isLaidOut(byte[] records, int length) {
    for (int at = 0; at + length <= records.length; at += length) {
      long time = time(records, at, length);
      boolean empty = LittleEndian.u16(records, at) == 0;
      if (LittleEndian.u16(records, at) > LAST_TYPE
          || !empty && (time < EARLIEST || time > LATEST)) {
        return false;
      }
    }
    return true;
  }

  private static long time(byte[] records, int at, int length) {
    return length == SHORT_RECORD
        ? LittleEndian.u32(records, at + 340)
        : LittleEndian.s64(records, at + 344);
  }

  private static Optional<Instant> lastBoot(byte[] records, int length) {
    for (int at = records.length / length * length - length; at >= 0; at -= length) {
      if (LittleEndian.u16(records, at) == BOOT_TIME) {
        return Optional.of(Instant.ofEpochSecond(time(records, at, length)));
      }
    }
    return Optional.empty();
  }

  /// The last entry's time less how long the machine had run then.
  private static Optional<Instant> journal(byte[] header) {
    if (header.length < JOURNAL_HEADER
        || !new String(header, 0, 8, java.nio.charset.StandardCharsets.ISO_8859_1)
            .equals("LPKSHHRH")) {
      return Optional.empty();
    }
    long realTime = LittleEndian.s64(header, 192); // microseconds
    long running = LittleEndian.s64(header, 200);
    boolean sound =
        realTime / 1_000_000 >= EARLIEST
            && realTime / 1_000_000 <= LATEST
            && running >= 0
            && running <= realTime;
    return sound
        ? Optional.of(Instant.ofEpochSecond((realTime - running) / 1_000_000))
        : Optional.empty();
  }
}
