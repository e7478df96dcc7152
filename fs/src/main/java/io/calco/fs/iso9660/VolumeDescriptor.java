package io.calco.fs.iso9660;

import static io.calco.fs.iso9660.IsoImage.SECTOR;

import io.calco.disk.bytes.BigEndian;
import io.calco.disk.bytes.LittleEndian;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;

/// The descriptors of a volume that is made (ECMA-119, 8.4 and 8.5).
final class VolumeDescriptor {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'00'").withZone(ZoneOffset.UTC);

  private VolumeDescriptor() {}

  /// The primary descriptor, or Joliet's.
  ///
  /// @param sectors in the whole volume
  static void put(byte[] image, int at, String label, IsoTree tree, int sectors, Instant time) {
    boolean joliet = tree.form() instanceof IsoImage.JolietNames;
    image[at] = (byte) (joliet ? 2 : 1);
    putMark(image, at);
    fill(image, at + 8, 64, joliet);
    byte[] text = tree.form().label(label);
    System.arraycopy(text, 0, image, at + 40, text.length);
    IsoTree.putBoth32(image, at + 80, sectors);
    if (joliet) {
      byte[] level3 = {'%', '/', 'E'};
      System.arraycopy(level3, 0, image, at + 88, level3.length);
    }
    IsoTree.putBoth16(image, at + 120, 1);
    IsoTree.putBoth16(image, at + 124, 1);
    IsoTree.putBoth16(image, at + 128, SECTOR);
    IsoTree.putBoth32(image, at + 132, tree.tableLength());
    LittleEndian.put32(image, at + 140, tree.littleTable());
    BigEndian.put32(image, at + 148, tree.bigTable());
    tree.putRoot(image, at + 156);
    fill(image, at + 190, 813 - 190, joliet);
    byte[] now = TIME.format(time).getBytes(StandardCharsets.US_ASCII);
    byte[] never = "0".repeat(16).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(now, 0, image, at + 813, now.length);
    System.arraycopy(now, 0, image, at + 830, now.length);
    System.arraycopy(never, 0, image, at + 847, never.length);
    System.arraycopy(now, 0, image, at + 864, now.length);
    image[at + 881] = 1;
  }

  /// The one that ends them.
  static void putEnd(byte[] image, int at) {
    image[at] = (byte) 255;
    putMark(image, at);
  }

  private static void putMark(byte[] image, int at) {
    byte[] mark = {'C', 'D', '0', '0', '1', 1};
    System.arraycopy(mark, 0, image, at + 1, mark.length);
  }

  /// Spaces, of one byte or of two.
  private static void fill(byte[] image, int at, int length, boolean joliet) {
    if (!joliet) {
      Arrays.fill(image, at, at + length, (byte) ' ');
      return;
    }
    for (int i = 0; i + 1 < length; i += 2) {
      BigEndian.put16(image, at + i, ' ');
    }
  }
}
