package io.calco.disk.wrap;

import io.calco.disk.HostFile;
import io.calco.disk.UnwrapBudget;
import io.calco.disk.Wrapper;
import java.io.IOException;

/// bzip2, of one stream or several.
public final class Bzip2Wrapper implements Wrapper {
  /// For [java.util.ServiceLoader].
  public Bzip2Wrapper() {}

  @Override
  public String name() {
    return "bz2";
  }

  @Override
  public boolean probe(HostFile file) throws IOException {
    return Marks.startsWith(file, 'B', 'Z', 'h')
        && (Marks.at(file, 4, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59)
            || Marks.at(file, 4, 0x17, 0x72, 0x45, 0x38, 0x50, 0x90));
  }

  @Override
  public HostFile openOwning(HostFile file, UnwrapBudget budget) throws IOException {
    return Marks.owning(
        file, () -> PiecedFile.owning(file.name(), Bzip2Source.owning(file), budget));
  }
}
