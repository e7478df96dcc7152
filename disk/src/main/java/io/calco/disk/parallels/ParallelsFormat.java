package io.calco.disk.parallels;

import io.calco.disk.FormatOpenOptions;
import io.calco.disk.HostFile;
import io.calco.disk.OpenedFormat;
import io.calco.disk.ReadOnlyFormat;
import java.io.IOException;

/// Parallels images, read only.
public final class ParallelsFormat extends ReadOnlyFormat {
  /// For [java.util.ServiceLoader].
  public ParallelsFormat() {}

  @Override
  public String name() {
    return "parallels";
  }

  @Override
  public boolean probe(HostFile file) throws IOException {
    return ParallelsHeader.magic(file).isPresent();
  }

  @Override
  protected OpenedFormat open(HostFile file, FormatOpenOptions options) throws IOException {
    return new ParallelsImage(file);
  }
}
