package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// An open image of a [ReadOnlyFormat]: a driver says where guest bytes lie, and nothing else.
///
/// Thread rule: safe for several threads at once, but for [#close].
public abstract class ReadOnlyImage implements OpenedFormat {
  private final HostFile file;

  /// An image in `file`, which is closed with it.
  protected ReadOnlyImage(HostFile file) {
    this.file = file;
  }

  /// The file the image lies in.
  protected final HostFile file() {
    return file;
  }

  @Override
  public final DiskCapabilities capabilities() {
    return new DiskCapabilities(false, true, false, false, false);
  }

  /// Where packed bytes are, read whole.
  ///
  /// @param structure what they are, for messages
  protected final MemorySegment readPacked(Mapping.Compressed run, String structure)
      throws IOException {
    if (run.hostLength() > file.size() - run.hostOffset()) {
      throw CorruptImageException.at(
          file.name(),
          structure,
          run.hostOffset(),
          "the end of the file at 0x%x".formatted(file.size()),
          run.hostLength() + " bytes");
    }
    MemorySegment packed = MemorySegment.ofArray(new byte[run.hostLength()]);
    file.read(run.hostOffset(), packed);
    return packed;
  }

  /// A unit that cannot be unpacked.
  protected final CorruptImageException badUnit(
      Mapping.Compressed run, String structure, IOException cause) {
    return new CorruptImageException(
        "%s: %s at 0x%x for guest offset 0x%x: %s"
            .formatted(
                file.name(), structure, run.hostOffset(), run.unitOffset(), cause.getMessage()));
  }

  @Override
  public VerifyReport verify(JobContext job) throws IOException {
    throw new UnsupportedFeatureException(
        file.name() + ": images of this format have no metadata that could be checked");
  }

  @Override
  public final VerifyReport repair(RepairScope what, JobContext job) throws IOException {
    throw neverWritten();
  }

  @Override
  public final void changeBacking(Optional<BackingReference> backing) throws IOException {
    throw neverWritten();
  }

  @Override
  public final void beginWrites() throws IOException {
    throw neverWritten();
  }

  @Override
  public final Allocation allocate(long offset, long length) throws IOException {
    throw neverWritten();
  }

  @Override
  public final void commit(Allocation allocation) throws IOException {
    throw neverWritten();
  }

  @Override
  public final void abandon(Allocation allocation) throws IOException {
    throw neverWritten();
  }

  @Override
  public final long zero(long offset, long length, ZeroMode mode) throws IOException {
    throw neverWritten();
  }

  @Override
  public final void discard(long offset, long length) throws IOException {
    throw neverWritten();
  }

  @Override
  public final void resize(long newSize) throws IOException {
    throw neverWritten();
  }

  private UnsupportedFeatureException neverWritten() {
    return new UnsupportedFeatureException(
        file.name() + ": images of this format are only read; convert to qcow2 to write");
  }

  @Override
  public final void flush() {}

  @Override
  public final void sync() {}

  @Override
  public void close() throws IOException {
    file.close();
  }
}
