package io.calco.disk.partclone;

import io.calco.disk.Closing;
import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.DataUnits;
import io.calco.disk.Disk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.HostFile;
import io.calco.disk.ImageFormat;
import io.calco.disk.OpenedFormat;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.util.Map;

/// partclone images, versions 1 and 2.
public final class PartcloneFormat implements ImageFormat {
  private static final int SECTOR = 512;
  private static final int USUAL_BLOCK = 4096;

  /// For [java.util.ServiceLoader].
  public PartcloneFormat() {}

  @Override
  public String name() {
    return "partclone";
  }

  @Override
  public boolean probe(HostFile file) throws IOException {
    return HeaderReader.hasMagic(file);
  }

  @Override
  public OpenedFormat openOwning(HostFile file, FormatOpenOptions options) throws IOException {
    try {
      if (options.writable() && !options.forRepair()) {
        throw readOnly(file.name());
      }
      return new PartcloneDriver(file, HeaderReader.read(file));
    } catch (IOException | RuntimeException e) {
      Closing.after(e, file);
      throw e;
    }
  }

  static UnsupportedFeatureException readOnly(String name) {
    return new UnsupportedFeatureException(
        name
            + ": partclone images are written once, from front to end; convert to another format to"
            + " change what they hold");
  }

  @Override
  public void create(HostFile file, CreateOptions options, Companions companions)
      throws IOException {
    throw readOnly(file.name());
  }

  @Override
  public boolean writtenWhole() {
    return true;
  }

  /// A device whose size is no multiple of 512 bytes is rounded up to one.
  @Override
  public HostFile layOut(Disk disk, CreateOptions options) throws IOException {
    PartcloneOptions.Parsed parsed = PartcloneOptions.parse(options);
    long size = Math.ceilDiv(Math.max(options.size(), disk.size()), SECTOR) * SECTOR;
    int blockSize =
        parsed.blockSize() > 0
            ? parsed.blockSize()
            : (int) Math.min(USUAL_BLOCK, Long.lowestOneBit(size | USUAL_BLOCK));
    return PartcloneWriter.layOut(disk, size, units(disk, size, blockSize, parsed), parsed.how());
  }

  private static DataUnits units(
      Disk disk, long size, int blockSize, PartcloneOptions.Parsed parsed) throws IOException {
    return switch (parsed.blocks()) {
      case DATA -> DataUnits.of(disk, blockSize);
      case ALL -> {
        DataUnits.Builder all = DataUnits.builder(size, blockSize);
        if (size > 0) {
          all.add(0, size);
        }
        yield all.build();
      }
    };
  }

  @Override
  public Map<String, String> createOptions() {
    return PartcloneOptions.HELP;
  }
}
