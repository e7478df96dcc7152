package io.calco.disk.vhd;

import io.calco.disk.BackingReference;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/// The parent's path as a differencing disk records it, turned into the one local name to try, and
/// back.
final class ParentPath {
  /// Ours: bytes of a path.
  private static final int LENGTH_MAX = 16 << 10;

  /// The most telling first: a relative path survives a move of both files.
  private static final int[] PREFERENCE = {
    ParentLocator.W2RU,
    ParentLocator.MACX,
    ParentLocator.W2KU,
    ParentLocator.WI2R,
    ParentLocator.WI2K
  };

  private ParentPath() {}

  /// What a differencing disk rests on.
  static BackingReference reference(HostFile file, DynamicHeader header) throws IOException {
    return new BackingReference(
        name(file, header), Optional.of("vpc"), Optional.of(header.parentId().toString()));
  }

  private static String name(HostFile file, DynamicHeader header) throws IOException {
    for (int platform : PREFERENCE) {
      for (int i = 0; i < VhdLayout.LOCATORS; i++) {
        ParentLocator locator = header.locator(i);
        if (locator.platform() == platform) {
          Optional<String> name = read(file, locator);
          if (name.isPresent()) {
            return name.get();
          }
        }
      }
    }
    return local(header.parentName());
  }

  /// The path that a locator leads to; empty when it leads nowhere.
  private static Optional<String> read(HostFile file, ParentLocator locator) throws IOException {
    long offset = locator.offset();
    int length = locator.length();
    if (length <= 0 || length > LENGTH_MAX || offset < 0 || offset > file.size() - length) {
      return Optional.empty();
    }
    byte[] bytes = new byte[length];
    file.read(offset, MemorySegment.ofArray(bytes));
    String text = new String(bytes, charset(locator.platform()));
    int end = text.indexOf('\0');
    String path = end < 0 ? text : text.substring(0, end);
    String name = locator.platform() == ParentLocator.MACX ? ofUrl(path) : local(path);
    return Optional.of(name).filter(found -> !found.isEmpty());
  }

  private static Charset charset(int platform) {
    return switch (platform) {
      case ParentLocator.W2RU, ParentLocator.W2KU -> StandardCharsets.UTF_16LE;
      case ParentLocator.MACX -> StandardCharsets.UTF_8;
      default -> StandardCharsets.ISO_8859_1;
    };
  }

  private static String ofUrl(String url) {
    try {
      String path = new URI(url).getPath();
      return path == null ? "" : path;
    } catch (URISyntaxException e) {
      return "";
    }
  }

  /// A Windows path as a local name: a relative one with slashes, of an absolute one the file name.
  static String local(String path) {
    String slashes = path.replace('\\', '/');
    boolean drive =
        slashes.length() > 1 && slashes.charAt(1) == ':' && Character.isLetter(slashes.charAt(0));
    if (drive || slashes.startsWith("/")) {
      return slashes.substring(Math.max(slashes.lastIndexOf('/'), drive ? 1 : 0) + 1);
    }
    return slashes.startsWith("./") ? slashes.substring(2) : slashes;
  }

  /// A local name as it is recorded.
  ///
  /// @param platform [ParentLocator#W2RU], or [ParentLocator#MACX] when the name is absolute
  record Recorded(int platform, String path) {
    byte[] bytes() {
      return path.getBytes(charset(platform));
    }
  }

  /// How `name` is recorded.
  ///
  /// @throws LimitExceededException when it is too long
  static Recorded recorded(String name) throws LimitExceededException {
    Recorded recorded =
        name.startsWith("/")
            ? new Recorded(ParentLocator.MACX, Path.of(name).toUri().toASCIIString())
            : new Recorded(ParentLocator.W2RU, ".\\" + name.replace('/', '\\'));
    int length = recorded.bytes().length;
    if (length > LENGTH_MAX) {
      throw new LimitExceededException(
          "the parent's name has %d bytes; our limit is %d".formatted(length, LENGTH_MAX));
    }
    return recorded;
  }

  /// The name without directories.
  static String fileName(String name) {
    return name.substring(name.lastIndexOf('/') + 1);
  }
}
