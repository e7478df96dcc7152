package io.calco.disk.vdi;

import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.HostFile;
import io.calco.disk.ImageFormat;
import io.calco.disk.OpenedFormat;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/// VDIs with blocks of 4 KiB right after a table without room, so that small images have many
/// blocks, and a table that must move to grow.
final class SmallBlockFormat implements ImageFormat {
  private static final int BLOCK = 4096;

  private final VdiFormat format = new VdiFormat();

  @Override
  public String name() {
    return format.name();
  }

  @Override
  public boolean probe(HostFile file) throws IOException {
    return format.probe(file);
  }

  @Override
  public OpenedFormat openOwning(HostFile file, FormatOpenOptions options) throws IOException {
    return format.openOwning(file, options);
  }

  @Override
  public void create(HostFile file, CreateOptions options, Companions companions)
      throws IOException {
    format.create(file, options, companions);
    int blocks = Math.toIntExact(Math.ceilDiv(options.size(), BLOCK));
    int dataAt = (VdiLayout.HEADER_LENGTH + 4 * blocks + 511) / 512 * 512;
    boolean isStatic = VdiHeader.read(file).type() == VdiLayout.STATIC;
    put(file, VdiLayout.DATA_OFFSET, dataAt);
    put(file, VdiLayout.BLOCK_SIZE, BLOCK);
    put(file, VdiLayout.BLOCKS, blocks);
    put(file, VdiLayout.BLOCKS_ALLOCATED, isStatic ? blocks : 0);
    for (int i = 0; i < blocks; i++) {
      put(file, VdiLayout.HEADER_LENGTH + 4 * i, isStatic ? i : VdiLayout.UNUSED);
    }
    file.truncate(dataAt + (isStatic ? (long) blocks * BLOCK : 0));
  }

  private static void put(HostFile file, int at, int value) throws IOException {
    MemorySegment bytes = MemorySegment.ofArray(new byte[4]);
    bytes.set(VdiLayout.U32, 0, value);
    file.write(at, bytes);
  }

  @Override
  public Map<String, String> createOptions() {
    return format.createOptions();
  }
}
