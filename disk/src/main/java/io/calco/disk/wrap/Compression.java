package io.calco.disk.wrap;

import io.calco.disk.StreamCoder;
import java.util.Optional;

/// How a file is compressed while it is written or sent. Any program that knows the kind reads the
/// result; read by [io.calco.disk.Wrapping], it is also quick to be read in its middle.
public enum Compression {
  /// gzip.
  GZ(".gz"),
  /// Zstandard.
  ZST(".zst"),
  /// LZ4, in its frame format.
  LZ4(".lz4");

  private final String ending;

  Compression(String ending) {
    this.ending = ending;
  }

  /// What the names of such files end in.
  public String ending() {
    return ending;
  }

  /// The kind that a file's name asks for: `disk.raw.gz`.
  public static Optional<Compression> ofName(String fileName) {
    for (Compression kind : values()) {
      if (fileName.endsWith(kind.ending)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  /// A coder for [io.calco.disk.FileStream], which compresses on all cores.
  public StreamCoder coder() {
    return switch (this) {
      case GZ -> new GzipCoder();
      case ZST -> new ZstdCoder();
      case LZ4 -> new Lz4Coder();
    };
  }
}
