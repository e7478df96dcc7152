package io.calco.disk.partclone;

import io.calco.disk.DataUnits;
import io.calco.disk.Disk;
import io.calco.disk.FormatDisk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.MemoryFile;
import io.calco.disk.OpenedFormat;
import io.calco.disk.VerifyReport;
import io.calco.disk.raw.RawFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32;

/// Images of random devices, made by hand after the format's description.
final class Images {
  private Images() {}

  /// A device and which of its blocks are used; the others are zeroes in `expected`.
  static final class Device {
    private final byte[] content;
    private final byte[] expected;
    private final int blockSize;
    private final BitSet used;

    Device(byte[] content, byte[] expected, int blockSize, BitSet used) {
      this.content = content;
      this.expected = expected;
      this.blockSize = blockSize;
      this.used = used;
    }

    byte[] content() {
      return content;
    }

    byte[] expected() {
      return expected;
    }

    int blockSize() {
      return blockSize;
    }

    BitSet used() {
      return used;
    }

    int blocks() {
      return content.length / blockSize;
    }
  }

  /// A device of random bytes, used in random runs.
  static Device device(Random random, int size, int blockSize) {
    byte[] content = new byte[size];
    random.nextBytes(content);
    int blocks = size / blockSize;
    BitSet used = new BitSet();
    int longest = 1 + random.nextInt(1 + random.nextInt(blocks + 1));
    for (int at = random.nextInt(longest); at < blocks; at += 1 + random.nextInt(longest)) {
      int end = Math.min(blocks, at + 1 + random.nextInt(longest));
      used.set(at, end);
      at = end;
    }
    byte[] expected = new byte[size];
    for (int i = used.nextSetBit(0); i >= 0; i = used.nextSetBit(i + 1)) {
      System.arraycopy(content, i * blockSize, expected, i * blockSize, blockSize);
    }
    return new Device(content, expected, blockSize, used);
  }

  static Disk disk(byte[] content) throws IOException {
    OpenedFormat raw =
        new RawFormat().openOwning(new MemoryFile(content), FormatOpenOptions.readOnly());
    return Disk.owning(new FormatDisk(raw, Optional.empty()));
  }

  /// The device's used blocks, for the writer.
  static DataUnits units(Device device) throws IOException {
    DataUnits.Builder units = DataUnits.builder(device.content().length, device.blockSize());
    BitSet used = device.used();
    for (int at = used.nextSetBit(0); at >= 0; ) {
      int end = used.nextClearBit(at);
      units.add((long) at * device.blockSize(), (long) (end - at) * device.blockSize());
      at = used.nextSetBit(end);
    }
    return units.build();
  }

  /// A version 2 image as our writer lays it out.
  static byte[] version2(Device device, PartcloneOptions options) throws IOException {
    try (Disk disk = disk(device.content());
        HostFile image = PartcloneWriter.layOut(disk, units(device), options)) {
      byte[] bytes = new byte[Math.toIntExact(image.size())];
      image.read(0, MemorySegment.ofArray(bytes));
      return bytes;
    }
  }

  /// A version 1 image.
  ///
  /// @param wide each checksum takes 8 bytes
  static byte[] version1(Device device, boolean wide) {
    byte[] header = new byte[4160];
    MemorySegment fields = MemorySegment.ofArray(header);
    put(header, 0, "partclone-image");
    put(header, 15, "EXTFS");
    put(header, 30, "0001");
    fields.set(PartcloneLayout.U32, 36, device.blockSize());
    fields.set(PartcloneLayout.U64, 40, device.content().length);
    fields.set(PartcloneLayout.U64, 48, device.blocks());
    fields.set(PartcloneLayout.U64, 56, device.used().cardinality());
    ByteArrayOutputStream image = new ByteArrayOutputStream();
    image.writeBytes(header);
    for (int i = 0; i < device.blocks(); i++) {
      image.write(device.used().get(i) ? 1 : 0);
    }
    image.writeBytes("BiTmAgIc".getBytes(StandardCharsets.US_ASCII));
    CRC32 crc = new CRC32();
    BitSet used = device.used();
    for (int i = used.nextSetBit(0); i >= 0; i = used.nextSetBit(i + 1)) {
      byte[] block =
          Arrays.copyOfRange(
              device.content(), i * device.blockSize(), (i + 1) * device.blockSize());
      image.writeBytes(block);
      byte[] same = new byte[block.length];
      Arrays.fill(same, block[0]);
      crc.update(same);
      MemorySegment sum = MemorySegment.ofArray(new byte[wide ? 8 : 4]);
      sum.fill((byte) 0x5a).set(PartcloneLayout.U32, 0, ~(int) crc.getValue());
      image.writeBytes(sum.toArray(PartcloneLayout.U8));
    }
    return image.toByteArray();
  }

  private static void put(byte[] bytes, int at, String text) {
    byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(ascii, 0, bytes, at, ascii.length);
  }

  static Disk open(byte[] image) throws IOException {
    return open(new MemoryFile(image));
  }

  static Disk open(HostFile image) throws IOException {
    OpenedFormat open = new PartcloneFormat().openOwning(image, FormatOpenOptions.readOnly());
    return Disk.owning(new FormatDisk(open, Optional.empty()));
  }

  static byte[] read(byte[] image) throws IOException {
    try (Disk disk = open(image)) {
      return disk.readBytes(0, Math.toIntExact(disk.size()));
    }
  }

  static VerifyReport verify(byte[] image) throws IOException {
    try (OpenedFormat open =
        new PartcloneFormat().openOwning(new MemoryFile(image), FormatOpenOptions.readOnly())) {
      return open.verify(JobContext.SILENT);
    }
  }
}
