package io.calco.disk.dmg;

import java.util.Optional;

/// How a chunk's bytes lie in the file.
enum ChunkType {
  ZERO(0),
  RAW(1),
  IGNORED(2),
  ADC(0x80000004),
  ZLIB(0x80000005),
  BZIP2(0x80000006),
  LZFSE(0x80000007),
  LZMA(0x80000008);

  /// Not chunks: a remark, and the end of the table.
  static final int COMMENT = 0x7ffffffe;

  static final int END = 0xffffffff;

  private final int code;

  ChunkType(int code) {
    this.code = code;
  }

  static Optional<ChunkType> of(int code) {
    for (ChunkType type : values()) {
      if (type.code == code) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  boolean isPacked() {
    return switch (this) {
      case ZERO, RAW, IGNORED -> false;
      case ADC, ZLIB, BZIP2, LZFSE, LZMA -> true;
    };
  }
}
