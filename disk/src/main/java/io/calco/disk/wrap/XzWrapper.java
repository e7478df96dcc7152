package io.calco.disk.wrap;

import io.calco.disk.HostFile;
import io.calco.disk.UnwrapBudget;
import io.calco.disk.Wrapper;
import java.io.IOException;

/// xz, of one block or several.
public final class XzWrapper implements Wrapper {
  /// For [java.util.ServiceLoader].
  public XzWrapper() {}

  @Override
  public String name() {
    return "xz";
  }

  @Override
  public boolean probe(HostFile file) throws IOException {
    return Marks.startsWith(file, 0xfd, '7', 'z', 'X', 'Z', 0);
  }

  @Override
  public HostFile openOwning(HostFile file, UnwrapBudget budget) throws IOException {
    return Marks.owning(
        file, () -> PiecedFile.owning(file.name(), XzSource.owning(file, budget), budget));
  }
}
