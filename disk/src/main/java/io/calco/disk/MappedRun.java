package io.calco.disk;

/// A [Mapping] in the making: grows as long as what follows continues it. Confined.
public final class MappedRun {
  private enum Kind {
    NONE,
    DATA,
    ZERO,
    UNALLOCATED
  }

  private final HostFile file;
  private Kind kind = Kind.NONE;
  private long host;
  private long length;

  /// An empty run, of bytes that lie in `file`.
  public MappedRun(HostFile file) {
    this.file = file;
  }

  /// Adds bytes that lie at a host offset; false, and nothing is added, when they do not continue
  /// the run.
  public boolean extendData(long hostOffset, long bytes) {
    if (kind == Kind.NONE) {
      host = hostOffset;
    } else if (kind == Kind.DATA && host + length != hostOffset) {
      return false;
    }
    return extend(Kind.DATA, bytes);
  }

  /// Adds bytes that read as zeroes, as [#extendData].
  public boolean extendZero(long bytes) {
    return extend(Kind.ZERO, bytes);
  }

  /// Adds bytes that this image does not hold, as [#extendData].
  public boolean extendUnallocated(long bytes) {
    return extend(Kind.UNALLOCATED, bytes);
  }

  private boolean extend(Kind with, long bytes) {
    if (kind != Kind.NONE && kind != with) {
      return false;
    }
    kind = with;
    length += bytes;
    return true;
  }

  /// True while nothing was added.
  public boolean isEmpty() {
    return kind == Kind.NONE;
  }

  /// The run, which is not empty.
  public Mapping toMapping() {
    return switch (kind) {
      case NONE -> throw new IllegalStateException("an empty run");
      case DATA -> new Mapping.Data(file, host, length, false);
      case ZERO -> new Mapping.Zero(length, false);
      case UNALLOCATED -> new Mapping.Unallocated(length);
    };
  }
}
