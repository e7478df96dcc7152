package io.calco.disk.wrap;

import io.calco.disk.HostFile;
import io.calco.disk.UnwrapBudget;
import io.calco.disk.Wrapper;
import java.io.IOException;

/// gzip, of one member or several.
public final class GzipWrapper implements Wrapper {
  /// For [java.util.ServiceLoader].
  public GzipWrapper() {}

  @Override
  public String name() {
    return "gz";
  }

  @Override
  public boolean probe(HostFile file) throws IOException {
    return Marks.startsWith(file, 0x1f, 0x8b, 0x08);
  }

  @Override
  public HostFile openOwning(HostFile file, UnwrapBudget budget) throws IOException {
    return Marks.owning(
        file,
        () -> {
          PieceSource source =
              BgzfSource.begins(file)
                  ? BgzfSource.owning(file, budget.options())
                  : DeflateSource.owning(file, GzipFraming.INSTANCE, budget.options());
          return PiecedFile.owning(file.name(), source, budget);
        });
  }
}
