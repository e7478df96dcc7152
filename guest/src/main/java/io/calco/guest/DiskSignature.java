package io.calco.guest;

import io.calco.disk.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// What a volume claims to hold, by its marks, under the names that `blkid` gives; for what no file
/// system here can open.
final class DiskSignature {
  private record Mark(String name, int offset, String text) {}

  private static final List<Mark> MARKS =
      List.of(
          new Mark("crypto_LUKS", 0, "LUKS\u00ba\u00be"),
          new Mark("LVM2_member", 512 + 24, "LVM2 001"),
          new Mark("LVM2_member", 24, "LVM2 001"),
          new Mark("LVM2_member", 1024 + 24, "LVM2 001"),
          new Mark("LVM2_member", 1536 + 24, "LVM2 001"),
          new Mark("xfs", 0, "XFSB"),
          new Mark("btrfs", 0x10040, "_BHRfS_M"),
          new Mark("ReFS", 3, "ReFS\u0000"),
          new Mark("f2fs", 1024, "\u0010 \u00f5\u00f2"),
          new Mark("swap", 4096 - 10, "SWAPSPACE2"),
          new Mark("swap", 65_536 - 10, "SWAPSPACE2"),
          new Mark("swsuspend", 4096 - 10, "S1SUSPEND"),
          new Mark("swsuspend", 4096 - 10, "S2SUSPEND"),
          new Mark("swsuspend", 4096 - 10, "LINHIB0001"),
          new Mark("BitLocker", 3, "-FVE-FS-"),
          new Mark("ntfs", 3, "NTFS    "),
          new Mark("exfat", 3, "EXFAT   "),
          new Mark("vfat", 0x52, "FAT32   "),
          new Mark("vfat", 0x36, "FAT16   "),
          new Mark("vfat", 0x36, "FAT12   "),
          new Mark("iso9660", 0x8001, "CD001"),
          new Mark("squashfs", 0, "hsqs"),
          new Mark("ext", 0x438, "S\u00ef"));

  private DiskSignature() {}

  /// The name of the first mark that is there.
  static Optional<String> probe(Disk disk) throws IOException {
    for (Mark mark : MARKS) {
      byte[] expected = mark.text.getBytes(StandardCharsets.ISO_8859_1);
      if (mark.offset + expected.length <= disk.size()
          && java.util.Arrays.equals(disk.readBytes(mark.offset, expected.length), expected)) {
        return Optional.of(mark.name);
      }
    }
    return Optional.empty();
  }
}
