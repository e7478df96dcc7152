package io.calco.disk;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.Map;

/// An image format: found by [java.util.ServiceLoader], so that formats can be added from outside.
/// Stateless.
public interface ImageFormat {

  /// The name, spelled as qemu-img spells it: `raw`, `qcow2`, `vmdk` …
  String name();

  /// True when the file's own marks are this format's: magic numbers only, nothing else is judged.
  boolean probe(HostFile file) throws IOException;

  /// True when the marks stand at the file's end: its first bytes are the guest's, or packed data,
  /// and may look like anything, also like a [Wrapper]'s marks.
  default boolean markedAtEnd() {
    return false;
  }

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

  /// True when images of this format are only ever made whole, by [#layOut], and [#create] refuses:
  /// such an image is never open for writing.
  default boolean writtenWhole() {
    return false;
  }

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

  /// Sends an image of this format that holds a disk's bytes down a stream. That is what [#layOut]
  /// makes, but for formats that need not know places beforehand: those read the disk once.
  ///
  /// @param disk as for [#layOut]
  /// @param options as for [#layOut]
  /// @throws UnsupportedFeatureException as from [#layOut]
  /// @throws IOException of a read or write; the stream then has a part of the bytes
  default void send(Disk disk, CreateOptions options, WritableByteChannel target, JobContext job)
      throws IOException {
    try (HostFile laidOut = layOut(disk, options)) {
      FileStream.copy(laidOut, target, job);
    }
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

  /// The options that [OpenedFormat#amend] knows, likewise.
  default Map<String, String> amendOptions() {
    return Map.of();
  }
}
