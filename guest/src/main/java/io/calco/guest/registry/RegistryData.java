package io.calco.guest.registry;

import io.calco.disk.bytes.LittleEndian;
import io.calco.guest.Content;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What a value holds, by its type (specification, "Data types"). Data that do not fit their type,
/// such as a DWORD of three bytes, are [Other], with the type kept.
public sealed interface RegistryData {

  /// REG_SZ: text up to its first NUL.
  record Text(String text) implements RegistryData {}

  /// REG_EXPAND_SZ: text with `%variables%`.
  record ExpandableText(String text) implements RegistryData {}

  /// REG_MULTI_SZ: texts, none of them empty when it is written.
  record TextList(List<String> texts) implements RegistryData {
    /// Copies the list.
    public TextList {
      texts = List.copyOf(texts);
    }
  }

  /// REG_LINK: the path of another key.
  record Link(String target) implements RegistryData {}

  /// REG_DWORD, little-endian; unsigned values are negative from 2³¹ on.
  record Dword(int number) implements RegistryData {}

  /// REG_DWORD_BIG_ENDIAN.
  record BigEndianDword(int number) implements RegistryData {}

  /// REG_QWORD.
  record Qword(long number) implements RegistryData {}

  /// REG_BINARY.
  record Binary(Content content) implements RegistryData {}

  /// Any other type, or data that do not fit theirs. In the SAM the type is a number of its own.
  ///
  /// @param type all 32 bits
  record Other(int type, Content content) implements RegistryData {}

  /// Bytes as data; never throws.
  ///
  /// @param type all 32 bits
  static RegistryData decode(int type, byte[] bytes) {
    return switch (type) {
      case 1 -> new Text(text(bytes));
      case 2 -> new ExpandableText(text(bytes));
      case 3 -> new Binary(Content.of(bytes));
      case 6 -> new Link(whole(bytes));
      case 7 -> new TextList(texts(bytes));
      default -> number(type, bytes);
    };
  }

  private static RegistryData number(int type, byte[] bytes) {
    if (type == 4 && bytes.length == 4) {
      return new Dword(LittleEndian.s32(bytes, 0));
    }
    if (type == 5 && bytes.length == 4) {
      return new BigEndianDword(ByteBuffer.wrap(bytes).getInt());
    }
    if (type == 11 && bytes.length == 8) {
      return new Qword(LittleEndian.s64(bytes, 0));
    }
    return new Other(type, Content.of(bytes));
  }

  /// The type's number.
  default int type() {
    return switch (this) {
      case Text _ -> 1;
      case ExpandableText _ -> 2;
      case Binary _ -> 3;
      case Dword _ -> 4;
      case BigEndianDword _ -> 5;
      case Link _ -> 6;
      case TextList _ -> 7;
      case Qword _ -> 11;
      case Other(int type, _) -> type;
    };
  }

  /// The data as the hive keeps them.
  default byte[] encode() {
    return switch (this) {
      case Text(String text) -> utf16(text + "\0");
      case ExpandableText(String text) -> utf16(text + "\0");
      case Link(String target) -> utf16(target);
      case TextList(List<String> texts) ->
          utf16(texts.isEmpty() ? "\0" : String.join("\0", texts) + "\0\0");
      case Dword(int number) -> {
        byte[] bytes = new byte[4];
        LittleEndian.put32(bytes, 0, number);
        yield bytes;
      }
      case BigEndianDword(int number) -> ByteBuffer.allocate(4).putInt(number).array();
      case Qword(long number) -> {
        byte[] bytes = new byte[8];
        LittleEndian.put64(bytes, 0, number);
        yield bytes;
      }
      case Binary(Content content) -> content.bytes();
      case Other(_, Content content) -> content.bytes();
    };
  }

  private static byte[] utf16(String text) {
    return text.getBytes(StandardCharsets.UTF_16LE);
  }

  private static String whole(byte[] bytes) {
    return new String(bytes, 0, bytes.length & ~1, StandardCharsets.UTF_16LE);
  }

  private static String text(byte[] bytes) {
    String whole = whole(bytes);
    int end = whole.indexOf('\0');
    return end < 0 ? whole : whole.substring(0, end);
  }

  private static List<String> texts(byte[] bytes) {
    List<String> texts = new ArrayList<>(List.of(whole(bytes).split("\0", -1)));
    while (!texts.isEmpty() && texts.getLast().isEmpty()) {
      texts.removeLast();
    }
    return texts;
  }
}
