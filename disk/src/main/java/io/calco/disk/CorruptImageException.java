package io.calco.disk;

/// Content that contradicts its own specification: an image, a partition table, a file system.
public final class CorruptImageException extends DiskException {
  private static final long serialVersionUID = 1L;

  /// A failure with its one-line message.
  public CorruptImageException(String message) {
    super(message);
  }

  /// A structure that does not hold what it must.
  ///
  /// @param file which file
  /// @param structure which structure, in the words of the specification
  /// @param offset where, in bytes from the start of the file
  /// @param found what stands there
  /// @param expected what should
  public static CorruptImageException at(
      String file, String structure, long offset, Object found, Object expected) {
    return new CorruptImageException(
        "%s: %s at 0x%x: found %s, expected %s"
            .formatted(file, structure, offset, found, expected));
  }
}
