package io.calco.disk.partclone;

import io.calco.disk.CreateOptions;
import io.calco.disk.UnsupportedFeatureException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// How an image is written.
///
/// @param fileSystem partclone's name for what the disk holds, which its tools print: `EXTFS`,
///   `NTFS`, `XFS` …, or `raw`; at most 15 letters of ASCII
/// @param checksum what guards the blocks; all versions of partclone know [Checksum#CRC32]
/// @param blocksPerChecksum used blocks under one checksum; empty for partclone's choice, a MiB of
///   them
public record PartcloneOptions(
    String fileSystem, Checksum checksum, Optional<Integer> blocksPerChecksum) {
  private static final int NAME_MAX = 15;

  /// Checks the values.
  public PartcloneOptions {
    if (!fileSystem.matches("[ -~]{1," + NAME_MAX + "}")) {
      throw new IllegalArgumentException("file system \"" + fileSystem + "\"");
    }
    if (blocksPerChecksum.isPresent() && blocksPerChecksum.get() < 1) {
      throw new IllegalArgumentException("blocks per checksum " + blocksPerChecksum.get());
    }
  }

  /// As partclone itself writes images of this file system.
  public static PartcloneOptions of(String fileSystem) {
    return new PartcloneOptions(fileSystem, Checksum.CRC32, Optional.empty());
  }

  /// Which blocks are used.
  enum Blocks {
    /// Those that do not read as zeroes by the disk's extents. On a target that is not blank, what
    /// was there shows in the others after a restore: also in blocks whose zeroes mean something.
    DATA,
    /// All.
    ALL
  }

  /// The options of [PartcloneFormat#layOut] as users write them.
  ///
  /// @param how an image is written
  /// @param blockSize bytes in a block; 0 for our choice
  /// @param blocks which are used
  record Parsed(PartcloneOptions how, int blockSize, Blocks blocks) {}

  private static final String FILE_SYSTEM = "file_system";
  private static final String BLOCK_SIZE = "block_size";
  private static final String CHECKSUM = "checksum";
  private static final String BLOCKS_PER_CHECKSUM = "blocks_per_checksum";
  private static final String BLOCKS = "blocks";

  static final Map<String, String> HELP = help();

  private static Map<String, String> help() {
    Map<String, String> help = new LinkedHashMap<>();
    help.put(FILE_SYSTEM, "partclone's name of what the disk holds: EXTFS, NTFS, ... (raw)");
    help.put(BLOCK_SIZE, "bytes in a block, 512 to 1M (4096, or what the size is a multiple of)");
    help.put(CHECKSUM, "crc32, none, xxh64 (partclone 0.3.39) or xxh128 (0.3.46) (crc32)");
    help.put(BLOCKS_PER_CHECKSUM, "used blocks under one checksum (a MiB of them)");
    help.put(
        BLOCKS, "all; or data: leave out what reads as zeroes, for a target that is blank (all)");
    return Collections.unmodifiableMap(help);
  }

  static Parsed parse(CreateOptions options) throws UnsupportedFeatureException {
    for (String option : options.options().keySet()) {
      if (!HELP.containsKey(option)) {
        throw new UnsupportedFeatureException(
            "partclone images have no option \"%s\"; known: %s"
                .formatted(option, String.join(", ", HELP.keySet())));
      }
    }
    if (options.backing().isPresent()) {
      throw new UnsupportedFeatureException(
          "partclone images cannot have a backing image; use qcow2");
    }
    Map<String, String> given = options.options();
    Optional<Integer> perChecksum = Optional.empty();
    if (given.containsKey(BLOCKS_PER_CHECKSUM)) {
      perChecksum = Optional.of(number(given, BLOCKS_PER_CHECKSUM, 1, 1 << 20));
    }
    String fileSystem = given.getOrDefault(FILE_SYSTEM, "raw");
    if (!fileSystem.matches("[ -~]{1," + NAME_MAX + "}")) {
      throw wrong(FILE_SYSTEM, fileSystem, "1 to 15 letters of ASCII");
    }
    PartcloneOptions how =
        new PartcloneOptions(
            fileSystem, choice(given, CHECKSUM, Checksum.CRC32, Checksum.values()), perChecksum);
    int blockSize = given.containsKey(BLOCK_SIZE) ? number(given, BLOCK_SIZE, 512, 1 << 20) : 0;
    return new Parsed(how, blockSize, choice(given, BLOCKS, Blocks.ALL, Blocks.values()));
  }

  private static <E extends Enum<E>> E choice(
      Map<String, String> given, String option, E usual, E[] values)
      throws UnsupportedFeatureException {
    String text = given.get(option);
    if (text == null) {
      return usual;
    }
    for (E value : values) {
      if (value.name().toLowerCase(Locale.ROOT).equals(text)) {
        return value;
      }
    }
    List<String> names =
        java.util.Arrays.stream(values).map(v -> v.name().toLowerCase(Locale.ROOT)).toList();
    throw wrong(option, text, String.join(", ", names));
  }

  /// A number, `K` and `M` for powers of 1024.
  private static int number(Map<String, String> given, String option, int least, int most)
      throws UnsupportedFeatureException {
    String text = given.getOrDefault(option, "");
    long factor = text.endsWith("K") ? 1 << 10 : text.endsWith("M") ? 1 << 20 : 1;
    String digits = factor == 1 ? text : text.substring(0, text.length() - 1);
    long value = digits.matches("[0-9]{1,9}") ? Long.parseLong(digits) * factor : -1;
    if (value < least || value > most) {
      throw wrong(option, text, least + " to " + most);
    }
    return (int) value;
  }

  private static UnsupportedFeatureException wrong(String option, String found, String expected) {
    return new UnsupportedFeatureException(
        "option %s: \"%s\" is not possible; %s are".formatted(option, found, expected));
  }
}
