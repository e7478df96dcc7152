package io.calco.catalog;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// What was found in an image's content. All text is as the image has it: make it printable before
/// it is shown. A text that is not known is empty.
///
/// @param format what the content is, with its wrappers: `qcow2`, `raw.gz`
/// @param partitionTable `gpt` or `dos`
/// @param bootMode which firmware can start it
/// @param system what is installed
/// @param volumes partitions with what they hold, or the whole disk
/// @param problem why nothing, or not all, could be found out
/// @param inspectedAt when
public record ImageInspection(
    String format,
    String partitionTable,
    BootMode bootMode,
    OperatingSystem system,
    List<Volume> volumes,
    String problem,
    Instant inspectedAt) {

  /// Copies the list.
  public ImageInspection {
    volumes = List.copyOf(volumes);
  }

  /// Which firmware can start a disk.
  public enum BootMode {
    NONE,
    BIOS,
    UEFI,
    BIOS_AND_UEFI;

    /// As it is recorded.
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static BootMode of(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
  }

  /// What is installed in a disk.
  ///
  /// @param kind `linux` or `windows`
  /// @param id `debian`, `windows`
  /// @param version `12`
  /// @param name `Debian GNU/Linux 12 (bookworm)`
  /// @param architecture `x86_64`
  public record OperatingSystem(
      String kind, String id, String version, String name, String architecture) {
    /// None that is known.
    public static final OperatingSystem NONE = new OperatingSystem("", "", "", "", "");
  }

  /// A partition, a volume in one, or the whole disk.
  ///
  /// @param number the partition's
  /// @param device its name where it does not depend on the machine: `/dev/vg0/root`
  /// @param start first byte on the disk, where it lies there in one run
  /// @param size in bytes
  /// @param used bytes in use, when its file system could be read
  /// @param type what the table declares, in words
  /// @param content `ext4`, `vfat`, `swap` …
  /// @param label the file system's
  /// @param mountPoint where the guest has it
  /// @param problem why it could not be read
  public record Volume(
      OptionalInt number,
      String device,
      OptionalLong start,
      long size,
      OptionalLong used,
      String type,
      String content,
      String label,
      String mountPoint,
      String problem) {}
}
