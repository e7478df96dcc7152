package io.calco.disk.dmg;

import io.calco.testkit.Oracle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.zip.Deflater;

/// Makes Apple disk images as the format is described, packed by others' programs.
final class Dmgs {
  private static final int SECTOR = 512;
  private static final int CHUNK = 64 * SECTOR;
  private static final int MISH_HEADER = 204;
  private static final int ENTRY = 40;

  /// Where the chunk tables stand.
  enum Tables {
    XML,
    RESOURCE_FORK
  }

  private Dmgs() {}

  /// An image of two partitions whose chunks are packed in one way where they hold anything.
  static byte[] pack(byte[] content, ChunkType type, Tables where, Path scratch)
      throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    List<byte[]> tables = new ArrayList<>();
    int half = content.length / SECTOR / 2 * SECTOR;
    tables.add(partition(content, 0, half, type, file, scratch));
    tables.add(partition(content, half, content.length, type, file, scratch));
    int dataLength = file.size();
    byte[] list = where == Tables.XML ? propertyList(tables) : resourceFork(tables);
    file.writeBytes(list);
    ByteBuffer koly = ByteBuffer.allocate(SECTOR);
    koly.put("koly".getBytes(StandardCharsets.US_ASCII)).putInt(4).putInt(SECTOR).putInt(1);
    koly.putLong(24, 0).putLong(32, dataLength).putInt(56, 1).putInt(60, 1);
    koly.putLong(where == Tables.XML ? 216 : 40, dataLength);
    koly.putLong(where == Tables.XML ? 224 : 48, list.length);
    koly.putInt(488, 1).putLong(492, content.length / SECTOR);
    file.writeBytes(koly.array());
    return file.toByteArray();
  }

  private static byte[] partition(
      byte[] content, int from, int end, ChunkType type, ByteArrayOutputStream file, Path scratch)
      throws IOException {
    List<long[]> entries = new ArrayList<>();
    for (int at = from; at < end; at += CHUNK) {
      byte[] chunk = Arrays.copyOfRange(content, at, Math.min(end, at + CHUNK));
      boolean zero = Arrays.equals(chunk, new byte[chunk.length]);
      byte[] packed = zero ? new byte[0] : pack(chunk, type, scratch);
      int code = zero ? (at / CHUNK % 2 == 0 ? 0 : 2) : code(type);
      entries.add(
          new long[] {
            code, (at - from) / SECTOR, chunk.length / SECTOR, zero ? 0 : file.size(), packed.length
          });
      file.writeBytes(packed);
    }
    entries.add(new long[] {0x7ffffffe, 0, 0, 0, 0});
    entries.add(new long[] {0xffffffff, (end - from) / SECTOR, 0, file.size(), 0});
    ByteBuffer mish = ByteBuffer.allocate(MISH_HEADER + entries.size() * ENTRY);
    mish.put("mish".getBytes(StandardCharsets.US_ASCII)).putInt(1);
    mish.putLong(from / SECTOR).putLong((end - from) / SECTOR).putLong(0).putInt(CHUNK / SECTOR);
    mish.putInt(200, entries.size()).position(MISH_HEADER);
    for (long[] entry : entries) {
      mish.putInt((int) entry[0]).putInt(0);
      mish.putLong(entry[1]).putLong(entry[2]).putLong(entry[3]).putLong(entry[4]);
    }
    return mish.array();
  }

  private static int code(ChunkType type) {
    return switch (type) {
      case ZERO -> 0;
      case RAW -> 1;
      case IGNORED -> 2;
      case ADC -> 0x80000004;
      case ZLIB -> 0x80000005;
      case BZIP2 -> 0x80000006;
      case LZFSE -> 0x80000007;
      case LZMA -> 0x80000008;
    };
  }

  private static byte[] pack(byte[] chunk, ChunkType type, Path scratch) throws IOException {
    return switch (type) {
      case ZLIB -> zlib(chunk);
      case ADC -> adc(chunk);
      case BZIP2 -> tool("bzip2", ".bz2", chunk, scratch);
      case LZMA -> tool("xz", ".xz", chunk, scratch);
      default -> chunk;
    };
  }

  private static byte[] zlib(byte[] chunk) {
    try (Deflater deflater = new Deflater()) {
      deflater.setInput(chunk);
      deflater.finish();
      byte[] out = new byte[chunk.length * 2 + 64];
      return Arrays.copyOf(out, deflater.deflate(out));
    }
  }

  /// Runs of a byte as matches of each kind, all else as literals.
  private static byte[] adc(byte[] chunk) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int at = 0; at < chunk.length; ) {
      int same = at == 0 ? 0 : runOf(chunk, at, 67);
      if (same >= 4) {
        int far = Math.min(at, 37) - 1;
        boolean repeats =
            far > 0 && Arrays.equals(chunk, at, at + 4, chunk, at - far - 1, at - far + 3);
        out.write(0x40 | (repeats ? 0 : same - 4));
        out.write(0);
        out.write(repeats ? far : 0);
        at += repeats ? 4 : same;
      } else if (same == 3) {
        out.write(0);
        out.write(0);
        at += 3;
      } else {
        int length = Math.min(chunk.length - at, 1 + at % 100);
        out.write(0x80 | length - 1);
        out.write(chunk, at, length);
        at += length;
      }
    }
    return out.toByteArray();
  }

  private static int runOf(byte[] chunk, int at, int most) {
    int length = 0;
    while (length < most && at + length < chunk.length && chunk[at + length] == chunk[at - 1]) {
      length++;
    }
    return length;
  }

  private static byte[] tool(String program, String suffix, byte[] chunk, Path scratch)
      throws IOException {
    Path plain = scratch.resolve("chunk");
    Path packed = scratch.resolve("chunk" + suffix);
    Files.write(plain, chunk);
    Files.deleteIfExists(packed);
    Oracle.named(program).run("-k", plain).succeeds();
    return Files.readAllBytes(packed);
  }

  private static byte[] propertyList(List<byte[]> tables) {
    StringBuilder xml = new StringBuilder();
    xml.append(
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
        <plist version="1.0">
        <dict>
        	<key>resource-fork</key>
        	<dict>
        		<key>blkx</key>
        		<array>
        """);
    for (byte[] table : tables) {
      xml.append("\t\t\t<dict>\n\t\t\t\t<key>Attributes</key>\n\t\t\t\t<string>0x0050</string>\n");
      xml.append("\t\t\t\t<key>Data</key>\n\t\t\t\t<data>\n\t\t\t\t");
      xml.append(
          Base64.getMimeEncoder(72, "\n\t\t\t\t".getBytes(StandardCharsets.US_ASCII))
              .encodeToString(table));
      xml.append(
          "\n\t\t\t\t</data>\n\t\t\t\t<key>Name</key>\n\t\t\t\t<string>disk &amp; image</string>\n\t\t\t</dict>\n");
    }
    xml.append(
        "\t\t</array>\n\t\t<key>plst</key>\n\t\t<array><dict><key>Data</key><data>AAAA</data></dict></array>\n");
    xml.append("\t</dict>\n</dict>\n</plist>\n");
    return xml.toString().getBytes(StandardCharsets.UTF_8);
  }

  /// A fork with one type besides, before ours.
  private static byte[] resourceFork(List<byte[]> tables) {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    List<Integer> offsets = new ArrayList<>();
    for (byte[] table : tables) {
      offsets.add(data.size());
      data.writeBytes(ByteBuffer.allocate(4).putInt(table.length).array());
      data.writeBytes(table);
    }
    int map = 256 + data.size();
    ByteBuffer fork = ByteBuffer.allocate(map + 28 + 2 + 2 * 8 + (1 + tables.size()) * 12);
    fork.putInt(256).putInt(map).putInt(data.size()).putInt(fork.capacity() - map);
    fork.position(256).put(data.toByteArray());
    int types = map + 28;
    fork.putShort(map + 24, (short) 28).putShort(map + 26, (short) (fork.capacity() - map));
    fork.position(types).putShort((short) 1);
    fork.put("plst".getBytes(StandardCharsets.US_ASCII)).putShort((short) 0).putShort((short) 18);
    fork.put("blkx".getBytes(StandardCharsets.US_ASCII));
    fork.putShort((short) (tables.size() - 1)).putShort((short) 30);
    fork.putShort((short) 0).putShort((short) -1).putInt(0).putInt(0);
    for (int i = 0; i < tables.size(); i++) {
      fork.putShort((short) i).putShort((short) -1).putInt(offsets.get(i)).putInt(0);
    }
    return fork.array();
  }
}
