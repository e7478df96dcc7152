package io.calco.guest;

import io.calco.fs.DirectoryEntry;
import io.calco.fs.FileType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The SELinux context that a new file should have: the one of a file of its kind beside it, else
/// its directory's, with the type that the reference policy gives to the few names we make.
final class SelinuxLabels {
  private static final String ATTRIBUTE = "security.selinux";
  private static final int MAX_SIBLINGS = 64; // ours: looked at before the directory's is taken

  /// The reference policy's file contexts for what we create.
  private static final Map<PathPattern, String> TYPES = new LinkedHashMap<>();

  static {
    TYPES.put(PathPattern.of("/etc/ssh/ssh_host_*_key"), "sshd_key_t");
    TYPES.put(PathPattern.of("/etc/ssh/ssh_host_*_key.pub"), "sshd_key_t");
    TYPES.put(PathPattern.of("/root/.ssh/**"), "ssh_home_t");
    TYPES.put(PathPattern.of("/home/*/.ssh/**"), "ssh_home_t");
    TYPES.put(PathPattern.of("/etc/machine-id"), "machineid_t");
    TYPES.put(PathPattern.of("/etc/hostname"), "hostname_etc_t");
    TYPES.put(PathPattern.of("/etc/systemd/system/*.service"), "systemd_unit_file_t");
    TYPES.put(PathPattern.of("/var/lib/calco/**"), "bin_t");
  }

  private final GuestTree tree;

  SelinuxLabels(GuestTree tree) {
    this.tree = tree;
  }

  /// The context for a file that will be made in `directory`, which is there.
  Optional<String> forNew(String path, FileType type, String directory) throws IOException {
    Optional<String> near = label(directory);
    if (near.isEmpty()) {
      return near;
    }
    int seen = 0;
    for (DirectoryEntry entry : tree.list(directory)) {
      if (entry.type() == type && ++seen <= MAX_SIBLINGS) {
        Optional<String> label = label(PathResolver.join(directory, entry.name()));
        if (label.isPresent()) {
          near = label;
          break;
        }
      }
    }
    return near.map(label -> known(path, label));
  }

  private static String known(String path, String label) {
    String[] part = label.split(":", 4); // user:role:type:level
    if (part.length >= 3) {
      for (Map.Entry<PathPattern, String> entry : TYPES.entrySet()) {
        if (entry.getKey().matches(path)) {
          part[2] = entry.getValue();
        }
      }
    }
    return String.join(":", part);
  }

  private Optional<String> label(String path) throws IOException {
    byte[] value = tree.extendedAttributes(path).get(ATTRIBUTE);
    if (value == null || value.length == 0 || value.length > 4096) {
      return Optional.empty();
    }
    int end = value[value.length - 1] == 0 ? value.length - 1 : value.length;
    return Optional.of(new String(value, 0, end, StandardCharsets.ISO_8859_1));
  }

  /// Gives a new file its context.
  static void set(GuestTree.Place place, Optional<String> label) throws IOException {
    if (label.isPresent()) {
      byte[] value = (label.get() + "\0").getBytes(StandardCharsets.ISO_8859_1);
      place.fileSystem().setExtendedAttribute(place.path(), ATTRIBUTE, Optional.of(value));
    }
  }
}
