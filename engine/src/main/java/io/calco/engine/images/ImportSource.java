package io.calco.engine.images;

import io.calco.catalog.ImageOrigin.Kind;
import java.io.InputStream;
import java.nio.file.Path;

/// Where a command takes an image from.
public sealed interface ImportSource {
  /// A file of this host.
  ///
  /// @param path as the user gave it
  record File(Path path) implements ImportSource {}

  /// The disk of a hypervisor's pool; an overlay is taken with all below it, as one image.
  ///
  /// @param path in the pool's directory
  record Pool(Path path) implements ImportSource {}

  /// The web.
  ///
  /// @param address as the user wrote it
  record Web(String address) implements ImportSource {}

  /// A stream.
  ///
  /// @param bytes stays the caller's
  record Input(InputStream bytes) implements ImportSource {}

  /// What its publisher calls it: the last part of the path.
  default String fileName() {
    return switch (this) {
      case File(Path path) -> String.valueOf(path.getFileName());
      case Pool(Path path) -> String.valueOf(path.getFileName());
      case Web(String address) -> address.replaceFirst("[?#].*$", "").replaceFirst("^.*/", "");
      case Input _ -> "";
    };
  }

  /// By which way it comes.
  default Kind kind() {
    return switch (this) {
      case File _ -> Kind.FILE;
      case Pool _ -> Kind.POOL;
      case Web _ -> Kind.WEB;
      case Input _ -> Kind.INPUT;
    };
  }

  /// Where that is, for the record.
  default String place() {
    return switch (this) {
      case File(Path path) -> path.toAbsolutePath().normalize().toString();
      case Pool(Path path) -> path.toAbsolutePath().normalize().toString();
      case Web(String address) -> address;
      case Input _ -> "";
    };
  }
}
