package io.calco.disk;

import java.io.IOException;
import java.util.Map;

/// An image format: found by [java.util.ServiceLoader], so that formats can be added from outside.
/// Stateless.
public interface ImageFormat {

  /// The name, spelled as qemu-img spells it: `raw`, `qcow2`, `vmdk` …
  String name();

  /// True when the file's own marks are this format's: magic numbers only, nothing else is judged.
  boolean probe(HostFile file) throws IOException;

  /// Opens an image. Takes `file` over: it is closed with the result, and also when opening fails.
  ///
  /// @throws DiskException when the content cannot be used; nothing was changed
  OpenedFormat openOwning(HostFile file, FormatOpenOptions options) throws IOException;

  /// Lays out a new, empty image in `file`, which is empty or will be overwritten.
  ///
  /// @throws UnsupportedFeatureException when the format cannot be written, or does not know an
  ///   option
  void create(HostFile file, CreateOptions options) throws IOException;

  /// The options that [#create] knows, with a line of help each, in the order to print them.
  Map<String, String> createOptions();
}
