package io.calco.disk.ami;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.ami.MachineFile.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The manifest of a bundle, as `ec2-bundle-image` and `euca-bundle-image` write it: what the
/// bundle holds and which encrypted parts it is made of.
///
/// @param kind what the bundle holds
/// @param name the name of the file that was bundled
/// @param architecture the machine's, such as `x86_64`
/// @param kernelId the kernel it is registered with, such as `aki-1a2b3c4d`
/// @param ramdiskId the RAM disk it is registered with
/// @param parts the names of the parts, in order
public record BundleManifest(
    Kind kind,
    String name,
    Optional<String> architecture,
    Optional<String> kernelId,
    Optional<String> ramdiskId,
    List<String> parts) {
  private static final String SUFFIX = ".manifest.xml";

  /// Ours: parts are 10 MiB each.
  private static final int PARTS_MAX = 10_000;

  /// Copies the list.
  public BundleManifest {
    parts = List.copyOf(parts);
  }

  /// True when a file of this name should be one.
  static boolean isLikely(String file) {
    return file.endsWith(SUFFIX);
  }

  /// Reads a manifest.
  ///
  /// @throws CorruptImageException when it is none
  public static BundleManifest read(HostFile file) throws IOException {
    Map<String, String> found = new HashMap<>();
    List<String> parts = new ArrayList<>();
    XmlElements.read(
        file,
        (path, text) -> {
          String at = String.join("/", path);
          if (at.equals("manifest/image/parts/part/filename") && parts.size() < PARTS_MAX) {
            parts.add(text);
          } else if (!text.isEmpty()) {
            found.putIfAbsent(at, text);
          }
        });
    if (parts.size() == PARTS_MAX) {
      throw new LimitExceededException(
          "%s: a bundle of %d parts or more (our limit)".formatted(file.name(), PARTS_MAX));
    }
    String type = found.getOrDefault("manifest/image/type", "machine");
    Kind kind =
        switch (type) {
          case "machine" -> Kind.AMI;
          case "kernel" -> Kind.AKI;
          case "ramdisk" -> Kind.ARI;
          default ->
              throw new CorruptImageException(
                  "%s: the manifest of a bundle of an unknown type".formatted(file.name()));
        };
    String name = found.get("manifest/image/name");
    if (name == null || parts.isEmpty()) {
      throw new CorruptImageException(
          file.name() + ": is no bundle's manifest: it names no image or no parts");
    }
    return new BundleManifest(
        kind,
        name,
        Optional.ofNullable(found.get("manifest/machine_configuration/architecture")),
        Optional.ofNullable(found.get("manifest/machine_configuration/kernel_id")),
        Optional.ofNullable(found.get("manifest/machine_configuration/ramdisk_id")),
        parts);
  }

  /// A bundle as the file it holds.
  static Optional<MachineFile> recognise(String name, HostFile file) throws IOException {
    try {
      return Optional.of(new MachineFile(name, read(file).kind(), "bundle", file.size()));
    } catch (CorruptImageException | LimitExceededException e) {
      return Optional.empty();
    }
  }
}
