package io.calco.disk.wrap;

import io.calco.disk.HostFile;
import io.calco.disk.UnwrapBudget;
import io.calco.disk.Wrapper;
import java.io.IOException;

/// Zstandard, of one frame or several.
public final class ZstdWrapper implements Wrapper {
  /// For [java.util.ServiceLoader].
  public ZstdWrapper() {}

  @Override
  public String name() {
    return "zst";
  }

  @Override
  public boolean probe(HostFile file) throws IOException {
    return Marks.startsWith(file, 0x28, 0xb5, 0x2f, 0xfd)
        || Marks.at(file, 1, 0x2a, 0x4d, 0x18) && skippableFirst(file);
  }

  /// pzstd and others put a frame of their own in front.
  private static boolean skippableFirst(HostFile file) throws IOException {
    PackedInput in = new PackedInput(file, 0, 512);
    if (!ZstdFrame.skippable(in.u32("zstd frame header"))) {
      return false;
    }
    in.seek(8 + in.u32("zstd frame header"));
    return Marks.at(file, in.position(), 0x28, 0xb5, 0x2f, 0xfd);
  }

  @Override
  public HostFile openOwning(HostFile file, UnwrapBudget budget) throws IOException {
    return Marks.owning(
        file, () -> PiecedFile.owning(file.name(), ZstdSource.owning(file, budget), budget));
  }
}
