package io.calco.store.smb;

import com.hierynomus.smbj.auth.AuthenticationContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The file that holds a password: lines `NAME=VALUE`, as mount.cifs(8) takes them.
final class Credentials {
  private static final long FILE_MAX = 1 << 16;

  private Credentials() {}

  /// Who logs in, and with what.
  ///
  /// @throws FileSystemException when there is no password in the file, or another user
  static AuthenticationContext of(SmbPlace place) throws IOException {
    Path file = place.credentials();
    if (Files.size(file) > FILE_MAX) {
      throw new FileSystemException(file.toString(), null, "is too long for credentials");
    }
    String password = null;
    String domain = "";
    for (String line :
        new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList()) {
      int equals = line.indexOf('=');
      String value = line.substring(equals + 1);
      switch (equals < 0 ? "" : line.substring(0, equals).strip()) {
        case "password", "pass" -> password = value;
        case "domain", "dom", "workgroup" -> domain = value.strip();
        case "username", "user" -> {
          if (!value.strip().equals(place.user())) {
            throw new FileSystemException(
                file.toString(), null, "is of another user than the address");
          }
        }
        default -> {}
      }
    }
    if (password == null) {
      throw new FileSystemException(file.toString(), null, "has no line password=…");
    }
    return new AuthenticationContext(place.user(), password.toCharArray(), domain);
  }
}
