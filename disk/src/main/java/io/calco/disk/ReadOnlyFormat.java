package io.calco.disk;

import java.io.IOException;
import java.util.Map;

/// An image format that is read and never written: its images are brought in, and converted to
/// another format to be changed.
public abstract class ReadOnlyFormat implements ImageFormat {

  /// For the formats.
  protected ReadOnlyFormat() {}

  /// Opens an image for reading. The caller closes `file` when this fails.
  ///
  /// @param options neither writable nor for a snapshot
  protected abstract OpenedFormat open(HostFile file, FormatOpenOptions options) throws IOException;

  @Override
  public final OpenedFormat openOwning(HostFile file, FormatOpenOptions options)
      throws IOException {
    try {
      if (options.writable()) {
        throw neverWritten(file);
      }
      if (options.snapshot().isPresent()) {
        throw new UnsupportedFeatureException(
            "%s: %s images have no internal snapshots".formatted(file.name(), name()));
      }
      return open(file, options);
    } catch (IOException | RuntimeException e) {
      Closing.after(e, file);
      throw e;
    }
  }

  @Override
  public final void create(HostFile file, CreateOptions options, Companions companions)
      throws IOException {
    throw neverWritten(file);
  }

  private UnsupportedFeatureException neverWritten(HostFile file) {
    return new UnsupportedFeatureException(
        "%s: %s images are only read; convert to qcow2 to write".formatted(file.name(), name()));
  }

  @Override
  public final Map<String, String> createOptions() {
    return Map.of();
  }
}
