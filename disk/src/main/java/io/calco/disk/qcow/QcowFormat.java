package io.calco.disk.qcow;

import io.calco.disk.FormatOpenOptions;
import io.calco.disk.HostFile;
import io.calco.disk.OpenedFormat;
import io.calco.disk.ReadOnlyFormat;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// qcow images, version 1, read only.
public final class QcowFormat extends ReadOnlyFormat {
  /// For [java.util.ServiceLoader].
  public QcowFormat() {}

  @Override
  public String name() {
    return "qcow";
  }

  @Override
  public boolean probe(HostFile file) throws IOException {
    if (file.size() < Long.BYTES) {
      return false;
    }
    MemorySegment start = MemorySegment.ofArray(new byte[Long.BYTES]);
    file.read(0, start);
    return start.get(QcowHeader.U64, 0) == QcowHeader.MAGIC_AND_VERSION;
  }

  @Override
  protected OpenedFormat open(HostFile file, FormatOpenOptions options) throws IOException {
    return new QcowImage(file, options.passphrase());
  }
}
