package io.calco.disk.wrap;

import io.calco.disk.HostFile;
import io.calco.disk.UnwrapBudget;
import io.calco.disk.Wrapper;
import java.io.IOException;

/// lz4 frames; not the legacy format of kernels.
public final class Lz4Wrapper implements Wrapper {
  /// For [java.util.ServiceLoader].
  public Lz4Wrapper() {}

  @Override
  public String name() {
    return "lz4";
  }

  @Override
  public boolean probe(HostFile file) throws IOException {
    return Marks.startsWith(file, 0x04, 0x22, 0x4d, 0x18);
  }

  @Override
  public HostFile openOwning(HostFile file, UnwrapBudget budget) throws IOException {
    return Marks.owning(
        file,
        () -> PiecedFile.owning(file.name(), Lz4Source.owning(file, budget.options()), budget));
  }
}
