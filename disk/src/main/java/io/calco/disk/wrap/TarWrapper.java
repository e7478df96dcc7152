package io.calco.disk.wrap;

import io.calco.disk.HostFile;
import io.calco.disk.UnwrapBudget;
import io.calco.disk.Wrapper;
import java.io.IOException;

/// A tar with one disk image in it, which is read where it lies.
public final class TarWrapper implements Wrapper {
  /// For [java.util.ServiceLoader].
  public TarWrapper() {}

  @Override
  public String name() {
    return "tar";
  }

  @Override
  public boolean probe(HostFile file) throws IOException {
    return TarReader.startsWithHeader(file) && !OvaWrapper.startsWithDescriptor(file);
  }

  @Override
  public HostFile openOwning(HostFile file, UnwrapBudget budget) throws IOException {
    return Marks.owning(
        file,
        () -> {
          TarMember member =
              ArchiveMember.choose(
                  file.name(), new TarReader(file).readAll(), budget.options().member());
          budget.allow(member.size());
          return member.in(file).owning();
        });
  }
}
