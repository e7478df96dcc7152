package io.calco.disk.wrap;

import io.calco.disk.CorruptImageException;
import io.calco.disk.FileSlice;
import io.calco.disk.HostFile;
import io.calco.disk.OpenPolicy;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.UnwrapBudget;
import io.calco.disk.Wrapper;
import java.io.IOException;

/// A zip with one disk image in it: stored, which is read where it lies, or deflated.
///
/// The CRC of a stored member is not looked at: no read sees all of it.
public final class ZipWrapper implements Wrapper {
  private static final int STORED = 0;
  private static final int DEFLATED = 8;

  /// For [java.util.ServiceLoader].
  public ZipWrapper() {}

  @Override
  public String name() {
    return "zip";
  }

  @Override
  public boolean probe(HostFile file) throws IOException {
    return Marks.startsWith(file, 'P', 'K', 3, 4);
  }

  @Override
  public HostFile openOwning(HostFile file, UnwrapBudget budget) throws IOException {
    return Marks.owning(file, () -> open(file, budget));
  }

  private static HostFile open(HostFile file, UnwrapBudget budget) throws IOException {
    ZipReader reader = new ZipReader(file);
    ZipReader.Member member =
        ArchiveMember.choose(file.name(), reader.readAll(), budget.options().member());
    String name = file.name() + ": " + OpenPolicy.printable(member.name());
    if (member.encrypted()) {
      throw new UnsupportedFeatureException(name + ": is encrypted by zip, which is not read");
    }
    budget.allow(member.size());
    long data = reader.dataOf(member);
    return switch (member.method()) {
      case STORED -> {
        if (member.size() != member.packedSize()) {
          throw CorruptImageException.at(
              file.name(),
              "zip directory",
              member.header(),
              "%d and %d bytes".formatted(member.size(), member.packedSize()),
              "the same twice, as it is stored");
        }
        yield FileSlice.owning(name, file, data, member.size());
      }
      case DEFLATED -> {
        FileSlice packed = FileSlice.owning(name, file, data, member.packedSize());
        ZipFraming framing = new ZipFraming(member.crc(), member.size());
        yield PiecedFile.owning(
            name, DeflateSource.owning(packed, framing, budget.options()), budget);
      }
      default ->
          throw new UnsupportedFeatureException(
              "%s: is packed by zip's method %d; 0 (stored) and 8 (deflated) are read"
                  .formatted(name, member.method()));
    };
  }
}
