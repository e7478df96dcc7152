package io.calco.disk;

import java.io.IOException;

/// What may come out of one wrapped file, through all its layers. Thread rule: safe.
public final class UnwrapBudget {
  /// The size of what is wrapped, dear to know perhaps.
  private interface PackedSize {
    long find() throws IOException;
  }

  private final String name;
  private final PackedSize packedSize;
  private final UnwrapOptions options;

  private UnwrapBudget(String name, PackedSize packedSize, UnwrapOptions options) {
    this.name = name;
    this.packedSize = packedSize;
    this.options = options;
  }

  /// A budget for what is packed in `outermost`, which stays the caller's.
  public static UnwrapBudget of(HostFile outermost, UnwrapOptions options) {
    return new UnwrapBudget(outermost.name(), outermost::size, options);
  }

  /// A budget for a stream that is not packed: the ratio does not count.
  public static UnwrapBudget ofStream(String name, UnwrapOptions options) {
    return new UnwrapBudget(name, () -> Long.MAX_VALUE, options);
  }

  /// What the user allowed.
  public UnwrapOptions options() {
    return options;
  }

  /// Agrees that a layer gives `bytes` bytes in all so far, or refuses.
  ///
  /// @throws LimitExceededException when that is more than the user allowed
  public void allow(long bytes) throws IOException {
    if (bytes > options.outputLimit()) {
      throw new LimitExceededException(
          "%s: unpacks to more than %d bytes, the limit for unpacked images"
              .formatted(name, options.outputLimit()));
    }
    if (bytes > options.ratioFrom()
        && bytes / options.ratioLimit() > Math.max(1, packedSize.find())) {
      throw new LimitExceededException(
          "%s: unpacks to more than %d times its size, the limit for images above %d bytes"
              .formatted(name, options.ratioLimit(), options.ratioFrom()));
    }
  }
}
