package io.calco.disk.qed;

import io.calco.disk.FormatOpenOptions;
import io.calco.disk.HostFile;
import io.calco.disk.OpenedFormat;
import io.calco.disk.ReadOnlyFormat;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// QED images, read only.
public final class QedFormat extends ReadOnlyFormat {
  /// For [java.util.ServiceLoader].
  public QedFormat() {}

  @Override
  public String name() {
    return "qed";
  }

  @Override
  public boolean probe(HostFile file) throws IOException {
    if (file.size() < Integer.BYTES) {
      return false;
    }
    MemorySegment start = MemorySegment.ofArray(new byte[Integer.BYTES]);
    file.read(0, start);
    return start.get(QedHeader.U32, 0) == QedHeader.MAGIC;
  }

  @Override
  protected OpenedFormat open(HostFile file, FormatOpenOptions options) throws IOException {
    return new QedImage(file);
  }
}
