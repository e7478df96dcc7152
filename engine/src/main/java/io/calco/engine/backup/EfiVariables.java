package io.calco.engine.backup;

import io.calco.backup.Hardware;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How a machine starts, as UEFI's variables say that Linux shows in its efivarfs: a file for each,
/// named after the variable and its vendor, with 4 bytes of attributes before the content. UEFI
/// specification 2.10: 3.3 the variables, 3.1.3 `EFI_LOAD_OPTION`, 10.3 device paths. Only reads.
final class EfiVariables {
  private static final String GLOBAL = "-8be4df61-93ca-11d2-aa0d-00e098032b8c";
  private static final Pattern ENTRY = Pattern.compile("Boot([0-9A-Fa-f]{4})" + GLOBAL);

  private static final int ATTRIBUTES = 4;
  private static final int CONTENT_MAX = 64 << 10; // ours: more is not read
  private static final int KEPT_MAX = 2048; // ours: more is not kept
  private static final int ENTRIES_MAX = 64; // ours
  private static final int TEXT_MAX = 200; // ours

  private static final int LOAD_OPTION_ACTIVE = 1;
  private static final int MEDIA = 4;
  private static final int HARD_DRIVE = 1;
  private static final int FILE_PATH = 4;
  private static final int SIGNATURE_OF_GUID = 2;

  private final Path directory;

  private EfiVariables(Path directory) {
    this.directory = directory;
  }

  /// Reads them.
  ///
  /// @param directory an efivarfs
  /// @return empty when it is not there, as where the machine was not started by UEFI
  static Optional<Hardware.Efi> read(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return Optional.empty();
    }
    EfiVariables variables = new EfiVariables(directory);
    return Optional.of(
        new Hardware.Efi(
            variables
                .content("SecureBoot")
                .filter(ByteBuffer::hasRemaining)
                .map(value -> value.get() == 1),
            variables.numbers("BootCurrent").stream().findFirst(),
            variables.numbers("BootOrder"),
            variables.entries()));
  }

  private List<Hardware.Entry> entries() throws IOException {
    List<Hardware.Entry> entries = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "Boot*" + GLOBAL)) {
      for (Path file : files) {
        Matcher name = ENTRY.matcher(String.valueOf(file.getFileName()));
        if (name.matches()) {
          String number = name.group(1);
          content("Boot" + number).flatMap(value -> entry(number, value)).ifPresent(entries::add);
        }
      }
    }
    entries.sort(Comparator.comparing(Hardware.Entry::number));
    return entries.subList(0, Math.min(entries.size(), ENTRIES_MAX));
  }

  private List<String> numbers(String variable) {
    List<String> numbers = new ArrayList<>();
    content(variable)
        .ifPresent(value -> {
          while (value.remaining() >= Short.BYTES && numbers.size() < ENTRIES_MAX) {
            numbers.add("%04X".formatted(Short.toUnsignedInt(value.getShort())));
          }
        });
    return numbers;
  }

  /// What a variable holds; empty when it is not there, or cannot be read, or is no variable.
  private Optional<ByteBuffer> content(String variable) {
    try (InputStream in = Files.newInputStream(directory.resolve(variable + GLOBAL))) {
      byte[] bytes = in.readNBytes(CONTENT_MAX);
      return bytes.length < ATTRIBUTES
          ? Optional.empty()
          : Optional.of(
              ByteBuffer.wrap(bytes, ATTRIBUTES, bytes.length - ATTRIBUTES)
                  .slice()
                  .order(ByteOrder.LITTLE_ENDIAN));
    } catch (IOException none) {
      return Optional.empty();
    }
  }

  /// A load option; empty when it ends too early.
  static Optional<Hardware.Entry> entry(String number, ByteBuffer option) {
    if (option.remaining() < Integer.BYTES + Short.BYTES) {
      return Optional.empty();
    }
    byte[] all = new byte[option.remaining()];
    option.duplicate().get(all);
    boolean active = (option.getInt() & LOAD_OPTION_ACTIVE) != 0;
    int pathBytes = Short.toUnsignedInt(option.getShort());
    String title = text(option);
    ByteBuffer path =
        option
            .slice(option.position(), Math.min(pathBytes, option.remaining()))
            .order(ByteOrder.LITTLE_ENDIAN);
    Optional<String> partition = Optional.empty();
    Optional<String> file = Optional.empty();
    while (path.remaining() > Integer.BYTES) {
      int type = Byte.toUnsignedInt(path.get());
      int kind = Byte.toUnsignedInt(path.get());
      int length = Short.toUnsignedInt(path.getShort()) - Integer.BYTES;
      if (length < 0 || length > path.remaining()) {
        break; // Damaged, or its end.
      }
      ByteBuffer node = path.slice(path.position(), length).order(ByteOrder.LITTLE_ENDIAN);
      path.position(path.position() + length);
      if (type == MEDIA && kind == HARD_DRIVE) {
        partition = partition(node);
      } else if (type == MEDIA && kind == FILE_PATH) {
        file = Optional.of(text(node));
      }
    }
    return Optional.of(
        new Hardware.Entry(
            number,
            title,
            active,
            partition,
            file,
            all.length > KEPT_MAX ? Optional.empty() : Optional.of(HexFormat.of().formatHex(all))));
  }

  /// The PARTUUID in a hard drive's node (10.3.4.1): behind number, start and length its signature,
  /// the table's kind and the signature's.
  private static Optional<String> partition(ByteBuffer node) {
    int signature = Integer.BYTES + 2 * Long.BYTES;
    if (node.remaining() < signature + 18 || node.get(signature + 17) != SIGNATURE_OF_GUID) {
      return Optional.empty();
    }
    // The first three fields of a GUID are little-endian.
    long high =
        Integer.toUnsignedLong(node.getInt(signature)) << 32
            | (long) Short.toUnsignedInt(node.getShort(signature + 4)) << 16
            | Short.toUnsignedInt(node.getShort(signature + 6));
    long low = Long.reverseBytes(node.getLong(signature + 8));
    return Optional.of(new UUID(high, low).toString());
  }

  /// UTF-16 as far as a NUL or the end.
  private static String text(ByteBuffer from) {
    StringBuilder text = new StringBuilder();
    while (from.remaining() >= Character.BYTES) {
      char letter = from.getChar();
      if (letter == 0) {
        break;
      }
      text.append(letter);
    }
    // A lone surrogate could not be written as UTF-8.
    String whole =
        new String(text.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    return whole.length() > TEXT_MAX ? whole.substring(0, TEXT_MAX) : whole;
  }
}
