package io.calco.disk.qcow2;

import io.calco.disk.Companions;
import io.calco.disk.HostFile;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The file beside the image that guest clusters lie in, each where the guest sees it. Opened when
/// it is first needed: what the metadata says can be told without it, also where it may not be
/// opened.
///
/// Thread rule: safe for several threads at once.
final class DataFile implements AutoCloseable {
  private final Companions companions;
  private final String name;
  private final Companions.Access access;
  private final boolean raw;
  private volatile @Nullable HostFile file;

  /// @param name as it stands in the image
  /// @param raw it must always be the guest's disk by itself, without the image's metadata
  DataFile(Companions companions, String name, Companions.Access access, boolean raw) {
    this.companions = companions;
    this.name = name;
    this.access = access;
    this.raw = raw;
  }

  boolean raw() {
    return raw;
  }

  /// The open file.
  ///
  /// @throws io.calco.disk.OpenDeniedException when it may not be opened
  HostFile open() throws IOException {
    HostFile opened = file;
    return opened != null ? opened : openFirst();
  }

  private synchronized HostFile openFirst() throws IOException {
    HostFile opened = file;
    if (opened == null) {
      opened = companions.open("data file", name, access);
      file = opened;
    }
    return opened;
  }

  /// The file, after [#open].
  HostFile file() {
    return java.util.Objects.requireNonNull(file, "data file");
  }

  /// Gives host space back.
  void punch(long offset, long length) throws IOException {
    HostFile opened = open();
    long end = Math.min(offset + length, opened.size());
    if (end > offset) {
      opened.punchHole(offset, end - offset);
    }
  }

  void sync() throws IOException {
    if (file != null) {
      file().sync();
    }
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file().close();
    }
  }
}
