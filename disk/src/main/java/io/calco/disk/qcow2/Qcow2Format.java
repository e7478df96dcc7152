package io.calco.disk.qcow2;

import io.calco.disk.Closing;
import io.calco.disk.Companions;
import io.calco.disk.CorruptImageException;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.HostFile;
import io.calco.disk.ImageFormat;
import io.calco.disk.JobContext;
import io.calco.disk.MeasuredSize;
import io.calco.disk.OpenedFormat;
import io.calco.disk.RepairScope;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/// qcow2 images, versions 2 and 3.
public final class Qcow2Format implements ImageFormat {
  /// For [java.util.ServiceLoader].
  public Qcow2Format() {}

  @Override
  public String name() {
    return "qcow2";
  }

  @Override
  public boolean probe(HostFile file) throws IOException {
    if (file.size() < 8) {
      return false;
    }
    MemorySegment start = MemorySegment.ofArray(new byte[8]);
    file.read(0, start);
    return start.get(Qcow2Layout.U32, 0) == Qcow2Layout.MAGIC_NUMBER
        && Integer.compareUnsigned(start.get(Qcow2Layout.U32, 4), 2) >= 0;
  }

  @Override
  public OpenedFormat openOwning(HostFile file, FormatOpenOptions options) throws IOException {
    try {
      return open(file, options);
    } catch (IOException | RuntimeException e) {
      Closing.after(e, file);
      throw e;
    }
  }

  /// An image that was not closed in order has refcounts that cannot be trusted: they are mended
  /// before anything is written.
  private static OpenedFormat open(HostFile file, FormatOpenOptions options) throws IOException {
    Qcow2Header header = HeaderReader.read(file);
    boolean writes = options.writable() && options.snapshot().isEmpty() && !options.forRepair();
    if (writes && header.corrupt()) {
      throw new CorruptImageException(
          file.name() + ": is marked corrupt; it can be read, and written after a repair");
    }
    if (writes && header.cryptMethod() == Qcow2Layout.CRYPT_AES) {
      throw new UnsupportedFeatureException(
          file.name()
              + ": is encrypted by the old AES method, which is no more written; convert it to one"
              + " with encrypt.format=luks");
    }
    if (writes && header.dirty()) {
      new Repair(file, header, JobContext.SILENT).run(RepairScope.ALL);
      header = HeaderReader.read(file);
    }
    return new Qcow2Driver(file, header, options);
  }

  @Override
  public void create(HostFile file, CreateOptions options, Companions companions)
      throws IOException {
    Qcow2Creator.create(file, options, companions);
  }

  @Override
  public HostFile layOut(Disk disk, CreateOptions options) throws IOException {
    return LaidOutImage.of(disk, options);
  }

  @Override
  public MeasuredSize measure(Disk disk, CreateOptions options) throws IOException {
    return Measurement.of(disk, options);
  }

  @Override
  public Map<String, String> createOptions() {
    return Qcow2CreateOptions.HELP;
  }

  @Override
  public Map<String, String> amendOptions() {
    return AmendOptions.HELP;
  }
}
