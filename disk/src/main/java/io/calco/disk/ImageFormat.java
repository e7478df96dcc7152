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
  /// @param companions where other files of the image are made
  /// @throws UnsupportedFeatureException when the format cannot be written, or does not know an
  ///   option
  void create(HostFile file, CreateOptions options, Companions companions) throws IOException;

  /// An image of this format that holds a disk's bytes, laid out as it is read: a file of known
  /// size with random access that lies nowhere. Runs of the disk that read as zeroes are left out
  /// where the format can.
  ///
  /// @param disk what the image holds; must not change as long as the file is read, and stays open
  ///   when the file is closed
  /// @param options as for [#create]; the size is at least the disk's
  /// @return for reading only, by several threads at once
  /// @throws UnsupportedFeatureException when the format cannot be laid out so, or does not know an
  ///   option
  default HostFile layOut(Disk disk, CreateOptions options) throws IOException {
    throw new UnsupportedFeatureException(name() + " images cannot be laid out as they are read");
  }

  /// How large a new image that holds a disk's bytes will be, before it is made. As large as
  /// [#layOut] makes it, where a format knows no better.
  ///
  /// @param disk what the image will hold; [Disk#blank] for nothing
  /// @param options as for [#create]; the size is at least the disk's
  /// @throws UnsupportedFeatureException when the format cannot tell, or does not know an option
  default MeasuredSize measure(Disk disk, CreateOptions options) throws IOException {
    try (Disk full = Disk.owning(new BlankDriver(disk.size(), false));
        HostFile required = layOut(disk, options);
        HostFile fullyAllocated = layOut(full, options)) {
      return new MeasuredSize(required.size(), fullyAllocated.size());
    }
  }

  /// True when a new image without a backing image reads as zeroes; false when its bytes are
  /// undefined until they are written.
  default boolean newImageReadsZero() {
    return true;
  }

  /// The options that [#create] knows, with a line of help each, in the order to print them.
  Map<String, String> createOptions();
}
