package io.calco.disk.vhd;

import io.calco.disk.CorruptImageException;
import io.calco.disk.FormatVersionException;
import io.calco.disk.HostFile;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// The footer of an image, found at the file's end or, in dynamic and differencing disks, in its
/// copy at the beginning.
///
/// The copy is believed first, as QEMU does: the file's end may hold guest bytes after a crash, and
/// a guest can write there what it likes. A fixed disk has no copy, so that a guest can write one
/// at its first sector; what could be either is refused.
///
/// @param footer the footer to go by
/// @param dataEnd where the footer at the end begins, or the file's end when there is none
/// @param headSound the copy at the beginning is there and right, or is not needed
/// @param tailSound the footer at the end is there, right, and the same as its copy
record Footers(VhdFooter footer, long dataEnd, boolean headSound, boolean tailSound) {

  /// A footer at its place.
  private record Found(VhdFooter footer, long offset) {}

  /// True when the file has a footer's mark where one belongs.
  static boolean marked(HostFile file) throws IOException {
    return head(file).isPresent() || tail(file).isPresent();
  }

  private static Optional<Found> head(HostFile file) throws IOException {
    return at(file, 0, VhdLayout.FOOTER_LENGTH).filter(f -> f.footer().isSparse());
  }

  private static Optional<Found> tail(HostFile file) throws IOException {
    Optional<Found> whole =
        at(file, file.size() - VhdLayout.FOOTER_LENGTH, VhdLayout.FOOTER_LENGTH);
    return whole.isPresent()
        ? whole
        : at(file, file.size() - VhdLayout.FOOTER_LENGTH_OLD, VhdLayout.FOOTER_LENGTH_OLD);
  }

  private static Optional<Found> at(HostFile file, long offset, int length) throws IOException {
    if (offset < 0 || offset + length > file.size()) {
      return Optional.empty();
    }
    MemorySegment bytes = MemorySegment.ofArray(new byte[length]);
    file.read(offset, bytes);
    return Optional.of(new Found(VhdFooter.decode(bytes), offset))
        .filter(found -> found.footer().hasCookie());
  }

  /// Finds and judges the footer.
  ///
  /// @param forRepair take one with a wrong checksum where there is no other
  static Footers read(HostFile file, boolean forRepair) throws IOException {
    Optional<Found> head = head(file);
    Optional<Found> tail = tail(file);
    Optional<Found> soundHead = head.filter(f -> f.footer().isSound());
    Optional<Found> soundTail = tail.filter(f -> f.footer().isSound());
    if (soundHead.isPresent() && soundTail.isPresent() && !soundTail.get().footer().isSparse()) {
      throw new CorruptImageException(
          "%s: is a dynamic disk by its first sector and a fixed disk by its last; a guest can make"
                  .formatted(file.name())
              + " one look like the other");
    }
    Optional<Found> best = soundHead.or(() -> soundTail);
    if (best.isEmpty() && forRepair) {
      best = head.or(() -> tail);
    }
    if (best.isEmpty()) {
      throw unsound(file, head.or(() -> tail));
    }
    VhdFooter footer = best.get().footer();
    check(file, footer, best.get().offset());
    long dataEnd = tail.map(Found::offset).orElse(file.size());
    return new Footers(
        footer,
        dataEnd,
        soundHead.isPresent() || !footer.isSparse(),
        soundTail.filter(f -> f.footer().sameAs(footer)).isPresent());
  }

  private static CorruptImageException unsound(HostFile file, Optional<Found> found)
      throws IOException {
    if (found.isEmpty()) {
      return CorruptImageException.at(
          file.name(), "footer", file.size(), "none", "\"conectix\" at the end of the file");
    }
    VhdFooter footer = found.get().footer();
    return CorruptImageException.at(
        file.name(),
        "footer checksum (a repair can mend it)",
        found.get().offset() + VhdLayout.CHECKSUM,
        "0x%08x".formatted(footer.storedChecksum()),
        "0x%08x".formatted(footer.rightChecksum()));
  }

  private static void check(HostFile file, VhdFooter footer, long offset) throws IOException {
    if (footer.version() >>> 16 != VhdLayout.VERSION_1_0 >>> 16) {
      throw new FormatVersionException(
          "%s: VHD version %d.%d; known is 1.0"
              .formatted(file.name(), footer.version() >>> 16, footer.version() & 0xFFFF));
    }
    if (footer.type() != VhdFooter.FIXED && !footer.isSparse()) {
      throw new UnsupportedFeatureException(
          "%s: disk type %s at 0x%x; known are 2 (fixed), 3 (dynamic) and 4 (differencing)"
              .formatted(
                  file.name(),
                  Integer.toUnsignedString(footer.type()),
                  offset + VhdLayout.DISK_TYPE));
    }
    long size = footer.virtualSize();
    if (size < 0 || size > VhdLayout.SIZE_MAX) {
      throw new io.calco.disk.LimitExceededException(
          "%s: virtual size of %s bytes; the format ends at 2040 GiB"
              .formatted(file.name(), Long.toUnsignedString(size)));
    }
  }
}
