package io.calco.disk.vmdk;

import io.calco.disk.CorruptImageException;
import io.calco.disk.FormatVersionException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The text that describes an image: its identity, its parent, its extents and its hardware. Lines
/// that are not understood are kept. Immutable.
final class Descriptor {
  /// What every descriptor begins with.
  static final String MARK = "# Disk DescriptorFile";

  /// Ours: a descriptor of [#EXTENT_LIMIT] extents has a third of it.
  static final int BYTES_LIMIT = 1 << 20;

  /// Ours: 8 TiB in extents of 2 GiB.
  static final int EXTENT_LIMIT = 4096;

  /// The content id that means "no parent".
  static final long NO_PARENT = 0xFFFF_FFFFL;

  private static final Pattern ENTRY =
      Pattern.compile("\\s*([A-Za-z][A-Za-z0-9_.:-]*)\\s*=\\s*(.*?)\\s*");

  private static final Pattern EXTENT_START =
      Pattern.compile("\\s*(RW|RDONLY|NOACCESS)\\s.*", Pattern.CASE_INSENSITIVE);

  private final List<String> lines;
  private final Charset charset;
  private final List<ExtentLine> extents;

  private Descriptor(List<String> lines, Charset charset, List<ExtentLine> extents) {
    this.lines = List.copyOf(lines);
    this.charset = charset;
    this.extents = List.copyOf(extents);
  }

  /// A descriptor of these lines, ours.
  static Descriptor of(List<String> lines, List<ExtentLine> extents) {
    return new Descriptor(lines, StandardCharsets.UTF_8, extents);
  }

  /// Parses a descriptor, which ends at the first NUL.
  ///
  /// @param file the name for messages
  /// @throws CorruptImageException when it is none
  static Descriptor parse(String file, byte[] bytes) throws java.io.IOException {
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    ByteBuffer text = ByteBuffer.wrap(bytes, 0, end);
    Charset charset = StandardCharsets.UTF_8;
    String decoded;
    try {
      decoded = charset.newDecoder().decode(text.duplicate()).toString();
    } catch (CharacterCodingException e) {
      charset = StandardCharsets.ISO_8859_1;
      decoded = charset.decode(text).toString();
    }
    if (!marked(decoded)) {
      throw new CorruptImageException(
          "%s: descriptor does not begin with \"%s\"".formatted(file, MARK));
    }
    return parse(file, decoded.lines().toList(), charset);
  }

  /// True when the text begins as descriptors do.
  static boolean marked(String text) {
    return text.regionMatches(true, 0, MARK, 0, MARK.length());
  }

  private static Descriptor parse(String file, List<String> lines, Charset charset)
      throws java.io.IOException {
    List<ExtentLine> extents = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isBlank() || line.stripLeading().startsWith("#")) {
        continue;
      }
      Optional<ExtentLine> extent = ExtentLine.parse(line);
      if (extent.isPresent()) {
        extents.add(extent.get());
      } else if (EXTENT_START.matcher(line).matches() || !ENTRY.matcher(line).matches()) {
        throw new CorruptImageException(
            "%s: descriptor line %d: found \"%s\", expected an entry or an extent"
                .formatted(file, i + 1, printable(line)));
      }
      if (extents.size() > EXTENT_LIMIT) {
        throw new LimitExceededException(
            "%s: more than %d extents (our limit)".formatted(file, EXTENT_LIMIT));
      }
    }
    Descriptor descriptor = new Descriptor(lines, charset, extents);
    descriptor.check(file);
    return descriptor;
  }

  private void check(String file) throws java.io.IOException {
    if (extents.isEmpty()) {
      throw new CorruptImageException(file + ": descriptor names no extent");
    }
    String version = value("version").orElse("");
    if (!version.matches("[1-4]")) {
      throw new FormatVersionException(
          "%s: descriptor version \"%s\"; 1 to 4 are known".formatted(file, printable(version)));
    }
    contentId(file, "CID");
    contentId(file, "parentCID");
    if (value("createType").isEmpty()) {
      throw new CorruptImageException(file + ": descriptor has no createType");
    }
    for (String line : lines) {
      if (line.stripLeading().toLowerCase(Locale.ROOT).startsWith("encryption")) {
        throw new UnsupportedFeatureException(file + ": is encrypted by VMware");
      }
    }
  }

  private void contentId(String file, String key) throws CorruptImageException {
    String text = value(key).orElse("");
    if (!text.matches("[0-9A-Fa-f]{1,8}")) {
      throw new CorruptImageException(
          "%s: descriptor's %s: found \"%s\", expected up to eight hexadecimal digits"
              .formatted(file, key, printable(text)));
    }
  }

  /// Text from the image, safe for a terminal.
  static String printable(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .limit(200)
        .forEach(c -> out.appendCodePoint(Character.isISOControl(c) ? '\uFFFD' : c));
    return out.toString();
  }

  /// The value of an entry, without quotes; keys are compared without regard to case.
  Optional<String> value(String key) {
    for (String line : lines) {
      Matcher entry = ENTRY.matcher(line);
      if (entry.matches() && entry.group(1).equalsIgnoreCase(key)) {
        return Optional.of(unquoted(entry.group(2)));
      }
    }
    return Optional.empty();
  }

  private static String unquoted(String value) {
    return value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")
        ? value.substring(1, value.length() - 1)
        : value;
  }

  /// The content id, 32 bits: changed whenever the image is first written after it was opened.
  long cid() {
    return HexFormat.fromHexDigitsToLong(value("CID").orElseThrow());
  }

  /// The content id that the parent must have, or [#NO_PARENT].
  long parentCid() {
    return HexFormat.fromHexDigitsToLong(value("parentCID").orElseThrow());
  }

  /// A content id as [io.calco.disk.FormatInfo#identity] and descriptors spell it.
  static String spelled(long cid) {
    return "%08x".formatted(cid);
  }

  String createType() {
    return value("createType").orElseThrow();
  }

  Optional<String> parentHint() {
    return value("parentFileNameHint").filter(name -> !name.isEmpty());
  }

  /// All lines, those of no meaning too.
  List<String> lines() {
    return lines;
  }

  /// The names of all entries, in their order.
  List<String> entries() {
    List<String> names = new ArrayList<>();
    for (String line : lines) {
      Matcher entry = ENTRY.matcher(line);
      if (entry.matches() && ExtentLine.parse(line).isEmpty()) {
        names.add(entry.group(1));
      }
    }
    return names;
  }

  List<ExtentLine> extents() {
    return extents;
  }

  /// The same with another content id.
  Descriptor withCid(long cid) {
    return with("CID", spelled(cid));
  }

  /// The same with another parent, or none.
  Descriptor withParent(long parentCid, Optional<String> hint) {
    List<String> changed = new ArrayList<>();
    for (String line : with("parentCID", spelled(parentCid)).lines) {
      Matcher entry = ENTRY.matcher(line);
      boolean old = entry.matches() && entry.group(1).equalsIgnoreCase("parentFileNameHint");
      if (!old) {
        changed.add(line);
      }
      if (entry.matches() && entry.group(1).equalsIgnoreCase("parentCID")) {
        hint.ifPresent(name -> changed.add("parentFileNameHint=\"%s\"".formatted(name)));
      }
    }
    return new Descriptor(changed, charset, extents);
  }

  private Descriptor with(String key, String value) {
    return mapped(line -> {
      Matcher entry = ENTRY.matcher(line);
      return entry.matches() && entry.group(1).equalsIgnoreCase(key)
          ? "%s=%s".formatted(key, value)
          : line;
    });
  }

  private Descriptor mapped(UnaryOperator<String> change) {
    return new Descriptor(lines.stream().map(change).toList(), charset, extents);
  }

  /// The same with its only extent grown or shrunk, and the geometry that goes with it.
  Descriptor resized(long sectors) {
    ExtentLine grown = extents.getFirst().withSectors(sectors);
    long heads = number("ddb.geometry.heads", 16);
    long perTrack = number("ddb.geometry.sectors", 63);
    String cylinders = "\"%d\"".formatted(sectors / Math.max(1, heads * perTrack));
    List<String> changed = new ArrayList<>();
    for (String line : lines) {
      Matcher entry = ENTRY.matcher(line);
      if (ExtentLine.parse(line).isPresent()) {
        changed.add(grown.text());
      } else if (entry.matches() && entry.group(1).equalsIgnoreCase("ddb.geometry.cylinders")) {
        changed.add("ddb.geometry.cylinders = " + cylinders);
      } else {
        changed.add(line);
      }
    }
    return new Descriptor(changed, charset, List.of(grown));
  }

  private long number(String key, long otherwise) {
    return value(key)
        .filter(text -> text.matches("\\d{1,6}"))
        .map(Long::parseLong)
        .orElse(otherwise);
  }

  /// The text as bytes, a line feed after each line.
  byte[] encode() {
    return (String.join("\n", lines) + "\n").getBytes(charset);
  }
}
