package io.calco.disk.cloop;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.Deflater;

/// Makes cloop images of version 2.0 as the format is described.
final class Cloops {
  private static final int SCRIPT = 128;

  private Cloops() {}

  static byte[] pack(byte[] content, int blockSize) {
    int blocks = (content.length - 1) / blockSize + 1;
    ByteBuffer head = ByteBuffer.allocate(SCRIPT + 8 + (blocks + 1) * 8);
    head.put(
        ("#!/bin/sh\n#V2.0 Format\nmodprobe cloop file=$0 && mount -r -t iso9660 /dev/cloop $1\n"
                + "exit $?\n")
            .getBytes(StandardCharsets.US_ASCII));
    head.position(SCRIPT).putInt(blockSize).putInt(blocks);
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    for (int i = 0; i < blocks; i++) {
      head.putLong(head.capacity() + packed.size());
      byte[] block = Arrays.copyOfRange(content, i * blockSize, (i + 1) * blockSize);
      packed.writeBytes(deflate(block));
    }
    head.putLong(head.capacity() + packed.size());
    ByteArrayOutputStream image = new ByteArrayOutputStream();
    image.writeBytes(head.array());
    image.writeBytes(packed.toByteArray());
    return image.toByteArray();
  }

  private static byte[] deflate(byte[] block) {
    try (Deflater deflater = new Deflater()) {
      deflater.setInput(block);
      deflater.finish();
      byte[] out = new byte[block.length * 2 + 64];
      return Arrays.copyOf(out, deflater.deflate(out));
    }
  }
}
