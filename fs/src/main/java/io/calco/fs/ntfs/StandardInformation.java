package io.calco.fs.ntfs;

import java.time.Instant;

/// The fields of $STANDARD_INFORMATION, and its times: steps of 100 ns since 1601.
final class StandardInformation {
  static final int MADE = 0x00;
  static final int CHANGED = 0x08;
  static final int RECORD_CHANGED = 0x10;
  static final int READ = 0x18;
  static final int FLAGS = 0x20;
  static final int SECURITY_ID = 0x34;
  static final int SHORT_SIZE = 0x30;
  static final int SIZE = 0x48;

  static final int READ_ONLY = 0x0001;
  static final int SYSTEM = 0x0004;
  static final int ARCHIVE = 0x0020;
  static final int SPARSE = 0x0200;
  static final int REPARSE = 0x0400;
  static final int COMPRESSED = 0x0800;
  static final int ENCRYPTED = 0x4000;

  private static final long EPOCH = 11_644_473_600L; // seconds from 1601 to 1970
  private static final long STEPS = 10_000_000;

  private StandardInformation() {}

  static Instant instant(long time) {
    long seconds = Math.floorDiv(time, STEPS) - EPOCH;
    return Instant.ofEpochSecond(seconds, Math.floorMod(time, STEPS) * 100);
  }

  /// The time in steps, cut to what can be said.
  static long steps(Instant instant) {
    long seconds = Math.clamp(instant.getEpochSecond() + EPOCH, 0, Long.MAX_VALUE / STEPS - 1);
    return seconds * STEPS + instant.getNano() / 100;
  }
}
