package io.calco.disk.cloop;

import io.calco.disk.FormatOpenOptions;
import io.calco.disk.HostFile;
import io.calco.disk.OpenedFormat;
import io.calco.disk.ReadOnlyFormat;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// cloop images, version 2.0, read only.
public final class CloopFormat extends ReadOnlyFormat {
  private static final byte[] MAGIC =
      "#!/bin/sh\n#V2.0 Format\n".getBytes(StandardCharsets.US_ASCII);

  /// For [java.util.ServiceLoader].
  public CloopFormat() {}

  @Override
  public String name() {
    return "cloop";
  }

  @Override
  public boolean probe(HostFile file) throws IOException {
    if (file.size() < MAGIC.length) {
      return false;
    }
    byte[] start = new byte[MAGIC.length];
    file.read(0, MemorySegment.ofArray(start));
    return Arrays.equals(start, MAGIC);
  }

  @Override
  protected OpenedFormat open(HostFile file, FormatOpenOptions options) throws IOException {
    return new CloopImage(file);
  }
}
