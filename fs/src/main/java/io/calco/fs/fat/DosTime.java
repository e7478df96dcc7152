package io.calco.fs.fat;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/// The date in the high and the time in the low 16 bits of a number: two seconds, from 1980 to
/// 2107. Taken as UTC. FAT's, and exFAT's, which adds to it.
public final class DosTime {
  private static final Instant FIRST = Instant.parse("1980-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("2107-12-31T23:59:58Z");

  private DosTime() {}

  /// The time; 1980 for what is none.
  public static Instant decode(int packed) {
    int date = packed >>> 16;
    int time = packed & 0xFFFF;
    try {
      return LocalDateTime.of(
              1980 + (date >>> 9),
              (date >>> 5) & 0xF,
              date & 0x1F,
              time >>> 11,
              (time >>> 5) & 0x3F,
              2 * (time & 0x1F))
          .toInstant(ZoneOffset.UTC);
    } catch (DateTimeException _) {
      return FIRST;
    }
  }

  /// The nearest time that can be stored, not after it.
  public static int encode(Instant instant) {
    Instant near = instant.isBefore(FIRST) ? FIRST : instant.isAfter(LAST) ? LAST : instant;
    LocalDateTime at = LocalDateTime.ofInstant(near, ZoneOffset.UTC);
    int date = (at.getYear() - 1980) << 9 | at.getMonthValue() << 5 | at.getDayOfMonth();
    return date << 16 | at.getHour() << 11 | at.getMinute() << 5 | at.getSecond() / 2;
  }
}
