package io.calco.disk.vmdk;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A line of a descriptor that names an extent: `RW 4192256 SPARSE "disk-s001.vmdk"`.
///
/// @param access what may be done with it
/// @param sectors its size
/// @param type how it is stored, in capitals
/// @param name the file; empty in ZERO extents
/// @param offset the sector of the file where the bytes of a flat extent begin
/// @param rest what follows (a partition's id …), kept as it is
record ExtentLine(
    Access access, long sectors, String type, String name, Optional<Long> offset, String rest) {

  /// What may be done with an extent.
  enum Access {
    RW,
    RDONLY,
    NOACCESS
  }

  private static final Pattern LINE =
      Pattern.compile(
          "(RW|RDONLY|NOACCESS)\\s+(\\d{1,18})\\s+([A-Z0-9]{1,16})"
              + "(?:\\s+\"([^\"]{0,1000})\"(?:\\s+(\\d{1,18}))?([^\"]{0,200}))?",
          Pattern.CASE_INSENSITIVE);

  /// An extent that the guest may write.
  static ExtentLine of(long sectors, String type, String name) {
    Optional<Long> offset = type.equals("FLAT") ? Optional.of(0L) : Optional.empty();
    return new ExtentLine(Access.RW, sectors, type, name, offset, "");
  }

  /// Parses a line; empty when it is none of an extent.
  static Optional<ExtentLine> parse(String line) {
    Matcher parts = LINE.matcher(line.strip());
    if (!parts.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new ExtentLine(
            Access.valueOf(parts.group(1).toUpperCase(Locale.ROOT)),
            Long.parseLong(parts.group(2)),
            parts.group(3).toUpperCase(Locale.ROOT),
            Optional.ofNullable(parts.group(4)).orElse(""),
            Optional.ofNullable(parts.group(5)).map(Long::parseLong),
            Optional.ofNullable(parts.group(6)).orElse("")));
  }

  /// The same extent with another size.
  ExtentLine withSectors(long count) {
    return new ExtentLine(access, count, type, name, offset, rest);
  }

  /// The line.
  String text() {
    StringBuilder text = new StringBuilder("%s %d %s".formatted(access, sectors, type));
    if (!name.isEmpty()) {
      text.append(" \"").append(name).append('"');
    }
    offset.ifPresent(at -> text.append(' ').append(at));
    return text.append(rest).toString();
  }
}
