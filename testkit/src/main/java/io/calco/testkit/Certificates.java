package io.calco.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// Certificates as QEMU's `tls-creds-x509` and libnbd want them in a directory: `ca-cert.pem`, and
/// `server-` and `client-cert.pem` with their `-key.pem`, made by openssl.
public final class Certificates {
  private Certificates() {}

  /// Makes them, for `localhost` and 127.0.0.1. The names in them are `server` and `client`.
  ///
  /// @param directory one that is there
  public static void makeIn(Path directory) throws IOException {
    Oracle openssl = Oracle.named("openssl");
    Path ca = directory.resolve("ca-cert.pem");
    Path caKey = directory.resolve("ca-key.pem");
    openssl
        .run(
            words(
                "req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=ca",
                "-keyout",
                caKey,
                "-out",
                ca))
        .succeeds();
    Path names = directory.resolve("names");
    Files.writeString(names, "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
    for (String who : List.of("server", "client")) {
      Path request = directory.resolve(who + ".csr");
      Path key = directory.resolve(who + "-key.pem");
      openssl
          .run(
              words(
                  "req -newkey rsa:2048 -nodes -subj /CN=" + who, "-keyout", key, "-out", request))
          .succeeds();
      openssl
          .run(
              words(
                  "x509 -req -CAcreateserial -days 30",
                  "-in",
                  request,
                  "-CA",
                  ca,
                  "-CAkey",
                  caKey,
                  "-extfile",
                  names,
                  "-out",
                  directory.resolve(who + "-cert.pem")))
          .succeeds();
    }
  }

  private static Object[] words(String first, Object... rest) {
    return Stream.concat(Arrays.stream(first.split(" ")), Arrays.stream(rest)).toArray();
  }
}
