package io.calco.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/// OpenSSH's `sshd` on loopback, with keys and settings of its own in a directory: for the user who
/// runs the tests, by SFTP alone.
///
/// The directory gets what a user's `.ssh` has: `id_ed25519`, and `known_hosts` with the server's
/// Ed25519 key.
public final class SshServer implements AutoCloseable {
  private final Oracle sshd;
  private final Path directory;
  private final int port;
  private final List<String> settings;
  private Process process;

  private SshServer(Oracle sshd, Path directory, int port, List<String> settings)
      throws IOException {
    this.sshd = sshd;
    this.directory = directory;
    this.port = port;
    this.settings = settings;
    this.process = begin();
  }

  /// Makes keys in an empty directory, and starts.
  ///
  /// @param settings more lines for `sshd_config`, which win
  public static SshServer start(Path directory, String... settings) throws IOException {
    Oracle sshd = Oracle.named("sshd");
    for (String type : List.of("ed25519", "ecdsa")) {
      makeKey(directory.resolve("host_" + type), type);
    }
    makeKey(directory.resolve("id_ed25519"), "ed25519");
    Files.copy(directory.resolve("id_ed25519.pub"), directory.resolve("authorized_keys"));
    int port = freePort();
    String[] key = Files.readString(directory.resolve("host_ed25519.pub")).split(" ");
    Files.writeString(
        directory.resolve("known_hosts"), "[127.0.0.1]:%d %s %s%n".formatted(port, key[0], key[1]));
    return new SshServer(sshd, directory, port, List.of(settings));
  }

  private static void makeKey(Path file, String type) {
    Oracle.named("ssh-keygen").run("-q", "-t", type, "-N", "", "-C", "test", "-f", file).succeeds();
  }

  private static int freePort() throws IOException {
    try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return any.getLocalPort();
    }
  }

  private Process begin() throws IOException {
    List<String> lines = new ArrayList<>(settings);
    lines.add("ListenAddress 127.0.0.1");
    lines.add("Port " + port);
    lines.add("HostKey " + directory.resolve("host_ed25519"));
    lines.add("HostKey " + directory.resolve("host_ecdsa"));
    lines.add("AuthorizedKeysFile " + directory.resolve("authorized_keys"));
    lines.add("PidFile none");
    lines.add("StrictModes no");
    lines.add("UsePAM no");
    lines.add("PasswordAuthentication no");
    lines.add("PermitRootLogin yes");
    lines.add("Subsystem sftp internal-sftp");
    Path config = Files.write(directory.resolve("sshd_config"), lines);
    if (System.getProperty("user.name").equals("root")) {
      Files.createDirectories(
          Path.of("/run/sshd"),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }
    Process started =
        new ProcessBuilder(
                sshd.program().toString(),
                "-D",
                "-f",
                config.toString(),
                "-E",
                directory.resolve("log").toString())
            .start();
    for (int attempt = 0; !answers(); attempt++) {
      if (attempt == 200 || !started.isAlive()) {
        started.destroyForcibly();
        throw new AssertionError("sshd: " + Files.readString(directory.resolve("log")));
      }
      rest();
    }
    return started;
  }

  private boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return socket.getInputStream().read() == 'S';
    } catch (IOException notYet) {
      return false;
    }
  }

  private static void rest() {
    try {
      Thread.sleep(25);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /// Where it listens on 127.0.0.1.
  public int port() {
    return port;
  }

  /// Who may log in.
  public String user() {
    return System.getProperty("user.name");
  }

  /// What stands for the user's `.ssh`.
  public Path directory() {
    return directory;
  }

  /// Kills it and all connections at once; its port stays its own.
  public void kill() {
    process.toHandle().descendants().forEach(ProcessHandle::destroyForcibly);
    ProcessEnd.kill(process);
  }

  /// Kills all connections; it listens on.
  public void cut() {
    process.toHandle().descendants().forEach(ProcessHandle::destroyForcibly);
  }

  /// Stops all connections, which stay open and answer no more, until [#cut] or [#kill].
  public void freeze() {
    process
        .toHandle()
        .descendants()
        .forEach(handle -> Oracle.named("kill").run("-STOP", handle.pid()));
  }

  /// Starts again what was killed.
  public void restart() {
    try {
      process = begin();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    kill();
  }
}
