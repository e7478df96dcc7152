package io.calco.backup.rescue;

import java.util.Optional;

/// What became of a run of a disk that is being rescued; the names are ddrescue's.
public enum BlockStatus {
  /// Nobody has read it yet.
  NON_TRIED('?'),
  /// Reading it in one piece failed.
  NON_TRIMMED('*'),
  /// It lies between sectors that failed.
  NON_SCRAPED('/'),
  /// Its sectors failed one by one.
  BAD_SECTOR('-'),
  /// It was read.
  FINISHED('+');

  private final char letter;

  BlockStatus(char letter) {
    this.letter = letter;
  }

  /// How it is written.
  char letter() {
    return letter;
  }

  static Optional<BlockStatus> of(String text) {
    for (BlockStatus status : values()) {
      if (text.length() == 1 && text.charAt(0) == status.letter) {
        return Optional.of(status);
      }
    }
    return Optional.empty();
  }
}
