package io.calco.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Samba's `smbd` on loopback, with settings and passwords of its own in a directory. Needs root;
/// skips the test where others run it.
public final class SambaServer implements AutoCloseable {
  private final Path config;
  private final int port;
  private final Path log;
  private Process process;

  private SambaServer(Path config, int port, Path log) throws IOException {
    this.config = config;
    this.port = port;
    this.log = log;
    this.process = begin();
  }

  /// Starts with one share, `store`.
  ///
  /// @param directory for its own files, empty
  /// @param shared what the share holds
  /// @param password of the user who runs the tests
  public static SambaServer start(Path directory, Path shared, String password) throws IOException {
    if (!System.getProperty("user.name").equals("root")) {
      throw Missing.optional("smbd runs as root only");
    }
    int port;
    try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = any.getLocalPort();
    }
    List<String> lines = new ArrayList<>(List.of("[global]"));
    lines.add("smb ports = " + port);
    lines.add("interfaces = 127.0.0.1/8");
    lines.add("bind interfaces only = yes");
    lines.add("disable netbios = yes");
    lines.add("server role = standalone server");
    lines.add("server min protocol = SMB3");
    lines.add("smb encrypt = desired");
    lines.add("load printers = no");
    lines.add("passdb backend = tdbsam:" + directory.resolve("passwords"));
    for (String kind : List.of("private dir", "lock directory", "state directory")) {
      lines.add(kind + " = " + directory);
    }
    for (String kind : List.of("cache directory", "pid directory", "ncalrpc dir")) {
      lines.add(kind + " = " + directory);
    }
    lines.add("log file = " + directory.resolve("log"));
    lines.addAll(List.of("[store]", "path = " + shared, "read only = no"));
    Path config = Files.write(directory.resolve("smb.conf"), lines);
    Process entry =
        new ProcessBuilder(
                Oracle.named("smbpasswd").program().toString(),
                "-c",
                config.toString(),
                "-s",
                "-a",
                System.getProperty("user.name"))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (var in = entry.getOutputStream()) {
      in.write((password + "\n" + password + "\n").getBytes(StandardCharsets.UTF_8));
    }
    if (ProcessEnd.await(entry) != 0) {
      throw new AssertionError("smbpasswd failed");
    }
    return new SambaServer(config, port, directory.resolve("log"));
  }

  private Process begin() throws IOException {
    Process started =
        new ProcessBuilder(
                Oracle.named("smbd").program().toString(),
                "--foreground",
                "--no-process-group",
                "-s",
                config.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    for (int attempt = 0; !answers(); attempt++) {
      if (attempt == 400 || !started.isAlive()) {
        started.destroyForcibly();
        throw new AssertionError("smbd: " + Files.readString(log));
      }
      try {
        Thread.sleep(25);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
    return started;
  }

  private boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException notYet) {
      return false;
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

  /// Kills it and all connections at once.
  public void kill() {
    process.toHandle().descendants().forEach(ProcessHandle::destroyForcibly);
    ProcessEnd.kill(process);
  }

  /// Starts again what was killed.
  public void restart() throws IOException {
    process = begin();
  }

  @Override
  public void close() {
    kill();
  }
}
