package io.calco.disk.wrap;

import io.calco.disk.HostFile;
import io.calco.disk.OpenPolicy;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.UnwrapBudget;
import io.calco.disk.Wrapper;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// An appliance with one disk.
public final class OvaWrapper implements Wrapper {
  /// For [java.util.ServiceLoader].
  public OvaWrapper() {}

  @Override
  public String name() {
    return "ova";
  }

  @Override
  public boolean probe(HostFile file) throws IOException {
    return TarReader.startsWithHeader(file) && startsWithDescriptor(file);
  }

  /// True when the first file of a tar is an OVF descriptor.
  static boolean startsWithDescriptor(HostFile tar) throws IOException {
    Optional<TarMember> first = new TarReader(tar).next();
    return first.isPresent() && Ova.isDescriptor(first.get());
  }

  @Override
  public HostFile openOwning(HostFile file, UnwrapBudget budget) throws IOException {
    Ova ova = Ova.openOwning(file);
    return Marks.owning(file, () -> open(file, ova, budget));
  }

  private static HostFile open(HostFile file, Ova ova, UnwrapBudget budget) throws IOException {
    Optional<String> wanted = budget.options().member();
    List<Ovf.VirtualDisk> disks =
        ova.descriptor().disks().stream()
            .filter(disk -> disk.file().isPresent())
            .filter(disk -> wanted.isEmpty() || named(disk, wanted.get()))
            .toList();
    if (disks.size() != 1) {
      String all =
          String.join(
              ", ",
              ova.descriptor().disks().stream()
                  .flatMap(disk -> disk.file().stream())
                  .map(each -> OpenPolicy.printable(each.href()))
                  .toList());
      throw new UnsupportedFeatureException(
          disks.isEmpty()
              ? "%s: describes no such disk; there are: %s".formatted(file.name(), all)
              : "%s: has several disks, name one of them: %s".formatted(file.name(), all));
    }
    RunsFile disk = ova.contentOf(disks.getFirst());
    budget.allow(disk.size());
    return disk.owning();
  }

  private static boolean named(Ovf.VirtualDisk disk, String name) {
    return disk.id().equals(name)
        || disk.file().map(file -> file.href().equals(name)).orElse(false);
  }
}
