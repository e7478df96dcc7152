package io.calco.guest.nio;

import io.calco.fs.GuestNames;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/// `calco:/images/vm.qcow2!/etc/fstab`: a disk's file on the host and, after `!`, a path in its
/// guest. Bytes other than RFC 3986's unreserved ones and `/` are written `%NN`.
///
/// @param disk the image file
/// @param path in the guest, absolute
record GuestUri(Path disk, Optional<String> path) {
  static final String SCHEME = "calco";

  /// Reads one.
  ///
  /// @throws IllegalArgumentException when it is none
  static GuestUri parse(URI uri) {
    String raw = uri.getRawPath();
    if (!SCHEME.equalsIgnoreCase(uri.getScheme())
        || raw == null
        || uri.getRawAuthority() != null
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null) {
      throw new IllegalArgumentException("not calco:/path/to/disk!/path: " + uri);
    }
    int mark = raw.indexOf("!/");
    Path disk = Path.of(decode(mark < 0 ? raw : raw.substring(0, mark)));
    return new GuestUri(
        disk.toAbsolutePath(),
        mark < 0 ? Optional.empty() : Optional.of(decode(raw.substring(mark + 1))));
  }

  /// @throws UnsupportedOperationException when the files are not of an image that was opened here
  static URI of(GuestFileSystem files, String path) {
    Path disk =
        files
            .disk()
            .orElseThrow(
                () -> new UnsupportedOperationException("a tree that has no image has no URI"));
    return URI.create(SCHEME + ":" + encode(disk.toString()) + "!" + encode(path));
  }

  private static String encode(String path) {
    StringBuilder out = new StringBuilder();
    for (byte b : GuestNames.encode(path)) {
      char c = (char) (b & 0xFF);
      boolean plain =
          c >= 'a' && c <= 'z'
              || c >= 'A' && c <= 'Z'
              || c >= '0' && c <= '9'
              || "-._~/".indexOf(c) >= 0;
      out.append(plain ? String.valueOf(c) : String.format(Locale.ROOT, "%%%02X", (int) c));
    }
    return out.toString();
  }

  private static String decode(String raw) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < raw.length(); i++) {
      if (raw.charAt(i) == '%') { // two digits follow: java.net.URI has looked
        bytes.write(Integer.parseInt(raw, i + 1, i + 3, 16));
        i += 2;
      } else {
        bytes.writeBytes(raw.substring(i, i + 1).getBytes(StandardCharsets.UTF_8));
      }
    }
    return GuestNames.decode(bytes.toByteArray());
  }
}
