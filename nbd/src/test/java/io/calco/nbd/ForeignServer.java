package io.calco.nbd;

import io.calco.testkit.Oracle;
import io.calco.testkit.ProcessEnd;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Somebody else's NBD server on a Unix socket, ended by [#close].
final class ForeignServer implements AutoCloseable {
  private final Process process;
  private final Path socket;

  private ForeignServer(Process process, Path socket) {
    this.process = process;
    this.socket = socket;
  }

  /// qemu-nbd on an image.
  static ForeignServer qemuNbd(Path socket, Path image, String format, Object... more)
      throws IOException {
    List<Object> words = new ArrayList<>(List.of("-t", "-k", socket, "-e", "8", "-f", format));
    words.addAll(List.of("--discard=unmap"));
    words.addAll(List.of(more));
    words.add(image);
    return start(Oracle.named("qemu-nbd"), socket, words);
  }

  /// nbdkit with these words.
  static ForeignServer nbdkit(Path socket, Object... more) throws IOException {
    List<Object> words = new ArrayList<>(List.of("-f", "-U", socket));
    words.addAll(List.of(more));
    return start(Oracle.named("nbdkit"), socket, words);
  }

  private static ForeignServer start(Oracle oracle, Path socket, List<Object> words)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(oracle.program().toString()));
    words.forEach(word -> command.add(word.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(socket.resolveSibling(socket.getFileName() + ".log").toFile())
            .start();
    ForeignServer server = new ForeignServer(process, socket);
    try {
      server.awaitReady();
      return server;
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private void awaitReady() throws IOException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (System.nanoTime() < end && process.isAlive()) {
      if (Files.exists(socket)) {
        try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
          return;
        } catch (IOException notYet) {
          // It listens soon.
        }
      }
      java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
    }
    throw new IOException(
        "no server: " + Files.readString(socket.resolveSibling(socket.getFileName() + ".log")));
  }

  NbdAddress address() {
    return address("");
  }

  NbdAddress address(String export) {
    return NbdAddress.parse("nbd+unix:///%s?socket=%s".formatted(export, socket));
  }

  @Override
  public void close() {
    process.destroy();
    ProcessEnd.await(process);
  }
}
