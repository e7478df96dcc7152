package io.calco.fs.swap;

import io.calco.disk.Disk;
import io.calco.disk.MemoryDriver;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.BigEndian;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemFacts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/// A swap area in a disk, as mkswap makes it. The disk stays open, and is the caller's.
public final class Swap {
  private static final int SMALLEST_PAGE = 4096;
  private static final int LARGEST_PAGE = 65_536;
  private static final int SMALLEST_PAGES = 10; // mkswap's
  private static final long LAST_PAGE_MAX = 0xffff_ffffL; // the field's
  private static final int HEADER = 1024;
  private static final int LAST_PAGE = 4;
  private static final int BAD_PAGES = 8;
  private static final int UUID_OFFSET = 12;
  private static final int TEXT_BYTES = 16;
  private static final byte[] MARK = "SWAPSPACE2".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SUSPENDED = "S1SUSPEND\0".getBytes(StandardCharsets.US_ASCII);

  private final Disk disk;
  private final int pageBytes;
  private final long size;

  private Swap(Disk disk, int pageBytes, long size) {
    this.disk = disk;
    this.pageBytes = pageBytes;
    this.size = size;
  }

  /// The swap area that the disk begins with; empty when it does not, or when a machine is
  /// suspended in it.
  public static Optional<Swap> find(Disk disk) throws IOException {
    return find(disk, MARK);
  }

  /// The swap area that the disk begins with and in which a machine is suspended; empty when there
  /// is none. Of its first page only the marks are other than they were (Linux,
  /// `kernel/power/swap.c`, `struct swsusp_header`).
  public static Optional<Swap> findSuspended(Disk disk) throws IOException {
    return find(disk, SUSPENDED);
  }

  private static Optional<Swap> find(Disk disk, byte[] mark) throws IOException {
    for (int page = SMALLEST_PAGE; page <= LARGEST_PAGE && page <= disk.size(); page *= 2) {
      if (Arrays.equals(disk.readBytes(page - mark.length, mark.length), mark)) {
        byte[] header = disk.readBytes(HEADER, LAST_PAGE + 4);
        boolean little = LittleEndian.s32(header, 0) == 1;
        if (little || BigEndian.s32(header, 0) == 1) {
          long last =
              little ? LittleEndian.u32(header, LAST_PAGE) : BigEndian.u32(header, LAST_PAGE);
          return Optional.of(new Swap(disk, page, Math.min((last + 1) * page, disk.size())));
        }
      }
    }
    return Optional.empty();
  }

  /// The first page of a new area, as mkswap writes it; the rest of an area means nothing.
  ///
  /// @param size of the area in bytes; at least ten pages of 4096
  /// @param uuid what it is told apart by
  /// @param label of at most 16 bytes of UTF-8, cut where it is longer
  public static byte[] newHeader(long size, Optional<UUID> uuid, Optional<String> label) {
    long pages = size / SMALLEST_PAGE;
    if (pages < SMALLEST_PAGES) {
      throw new IllegalArgumentException("swap area of %d bytes".formatted(size));
    }
    byte[] page = new byte[SMALLEST_PAGE];
    LittleEndian.put32(page, HEADER, 1);
    LittleEndian.put32(page, HEADER + LAST_PAGE, Math.min(pages - 1, LAST_PAGE_MAX));
    if (uuid.isPresent()) {
      BigEndian.put64(page, HEADER + UUID_OFFSET, uuid.get().getMostSignificantBits());
      BigEndian.put64(page, HEADER + UUID_OFFSET + 8, uuid.get().getLeastSignificantBits());
    }
    byte[] name = label.orElse("").getBytes(StandardCharsets.UTF_8);
    System.arraycopy(
        name, 0, page, HEADER + UUID_OFFSET + TEXT_BYTES, Math.min(name.length, TEXT_BYTES));
    System.arraycopy(MARK, 0, page, SMALLEST_PAGE - MARK.length, MARK.length);
    return page;
  }

  /// What the header says; nothing in it is ever in use when no machine runs.
  public FileSystemFacts facts() throws IOException {
    byte[] texts = disk.readBytes(HEADER + UUID_OFFSET, 2 * TEXT_BYTES);
    UUID uuid = new UUID(BigEndian.s64(texts, 0), BigEndian.s64(texts, 8));
    int length = 0;
    while (length < TEXT_BYTES && texts[TEXT_BYTES + length] != 0) {
      length++;
    }
    boolean hasUuid = uuid.getMostSignificantBits() != 0 || uuid.getLeastSignificantBits() != 0;
    return new FileSystemFacts(
        "swap",
        hasUuid ? Optional.of(uuid.toString()) : Optional.empty(),
        length == 0
            ? Optional.empty()
            : Optional.of(new String(texts, TEXT_BYTES, length, StandardCharsets.UTF_8)),
        size,
        size - pageBytes,
        pageBytes,
        true);
  }

  /// The least size that [#shortened] makes of an area that is larger; ours.
  public static final long SHORTEST = 64L << 20;

  /// An area with the same header but its size, for reading; empty when bad pages are listed in the
  /// header.
  ///
  /// @param length in bytes, at most the area's, at least ten pages
  public Optional<Disk> shortened(long length) throws IOException {
    byte[] page = disk.readBytes(0, pageBytes);
    if (LittleEndian.s32(page, HEADER + BAD_PAGES) != 0 || length / pageBytes < SMALLEST_PAGES) {
      return Optional.empty();
    }
    long last = length / pageBytes - 1;
    if (LittleEndian.s32(page, HEADER) == 1) {
      LittleEndian.put32(page, HEADER + LAST_PAGE, last);
    } else {
      BigEndian.put32(page, HEADER + LAST_PAGE, last);
    }
    TreeMap<Long, Disk> header = new TreeMap<>(Map.of(0L, Disk.owning(new MemoryDriver(page))));
    return Optional.of(Disk.spliced(Disk.blank(length), header));
  }

  /// The header's page: all that a copy needs.
  public void usedRuns(FileSystem.RunConsumer run) throws IOException {
    run.accept(0, pageBytes);
  }

  /// Gives the area another UUID; its label stays. Returns when that is on the medium.
  ///
  /// @throws UnsupportedFeatureException when the disk is open for reading only
  public void setUuid(UUID uuid) throws IOException {
    byte[] bytes = new byte[TEXT_BYTES];
    BigEndian.put64(bytes, 0, uuid.getMostSignificantBits());
    BigEndian.put64(bytes, 8, uuid.getLeastSignificantBits());
    disk.writeBytes(HEADER + UUID_OFFSET, bytes);
    disk.sync();
  }
}
