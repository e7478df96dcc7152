package io.calco.machine;

import io.calco.disk.Closing;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A QEMU that runs: its consoles, its monitor, the guest agent's port. Killed by [#close].
/// Confined.
final class Machine implements AutoCloseable {
  private static final long CONNECT_MILLIS = 20_000; // ours
  private static final int ERRORS_MAX = 4096; // ours
  private static final String MONITOR = "qmp.sock";
  private static final String CONSOLE = "hvc0.sock";
  private static final String AGENT = "agent.sock";

  private final Path work;
  private final Process process;
  private final Qmp monitor;
  private final Console serial;
  private final SocketChannel agent;
  private final List<AutoCloseable> opened;

  private Machine(
      Path work,
      Process process,
      Qmp monitor,
      Console serial,
      SocketChannel agent,
      List<AutoCloseable> opened) {
    this.work = work;
    this.process = process;
    this.monitor = monitor;
    this.serial = serial;
    this.agent = agent;
    this.opened = opened;
  }

  /// Starts one.
  ///
  /// @param qemu the program
  /// @param disk the socket of an NBD server; what the guest writes goes to a file that is deleted
  /// @param work a directory of its own for sockets and pictures
  /// @throws IOException when QEMU does not start, with what it says
  static Machine start(Path qemu, BootPlan plan, Path disk, Path work, Sightings sightings)
      throws IOException {
    List<AutoCloseable> opened = new ArrayList<>();
    try {
      ServerSocketChannel monitorEnd = listen(work.resolve(MONITOR), opened);
      ServerSocketChannel consoleEnd = listen(work.resolve(CONSOLE), opened);
      ServerSocketChannel agentEnd = listen(work.resolve(AGENT), opened);
      List<String> words = new ArrayList<>(dieWithUs());
      words.add(qemu.toString());
      words.addAll(options(plan, disk, work));
      Path errors = work.resolve("qemu.log");
      Process process =
          launch(new ProcessBuilder(words).redirectError(errors.toFile()).directory(work.toFile()));
      opened.add(() -> kill(process));
      process.getOutputStream().close();
      Console serial = Console.reading("ttyS0", process.getInputStream(), sightings::look);
      SocketChannel console = accept(consoleEnd, process, errors, opened);
      InputStream second = Channels.newInputStream(console);
      Console.reading("hvc0", second, sightings::look);
      SocketChannel agent = accept(agentEnd, process, errors, opened);
      Qmp monitor = Qmp.owning(accept(monitorEnd, process, errors, opened));
      return new Machine(work, process, monitor, serial, agent, opened);
    } catch (IOException | RuntimeException e) {
      Closing.after(e, opened.reversed());
      throw e;
    }
  }

  private static List<String> options(BootPlan plan, Path disk, Path work) throws IOException {
    MachineSettings settings = plan.settings();
    List<String> words = new ArrayList<>(settings.hardware("calco-test"));
    words.addAll(List.of("-display", "none"));
    words.addAll(List.of("-drive", drive(disk), "-device", settings.disk()));
    words.addAll(List.of("-nic", settings.network(plan.network(), plan.expectation().port())));
    // A machine that stops is kept as it is, to be looked at.
    words.addAll(List.of("-action", "reboot=shutdown,shutdown=pause,panic=pause"));
    words.addAll(List.of("-boot", "menu=off,strict=on,reboot-timeout=3000"));
    words.addAll(List.of("-device", "virtio-rng-pci"));
    words.addAll(List.of("-chardev", "stdio,id=ttyS0,signal=off", "-serial", "chardev:ttyS0"));
    words.addAll(List.of("-device", "virtio-serial-pci"));
    words.addAll(List.of("-chardev", socket("hvc0", work.resolve(CONSOLE))));
    words.addAll(List.of("-device", "virtconsole,chardev=hvc0"));
    words.addAll(List.of("-chardev", socket("agent", work.resolve(AGENT))));
    words.addAll(List.of("-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"));
    words.addAll(List.of("-chardev", socket("qmp", work.resolve(MONITOR))));
    words.addAll(List.of("-mon", "chardev=qmp,mode=control"));
    return words;
  }

  /// A disk `disk` on an NBD server's socket; what is written goes to a file that is deleted.
  static String drive(Path socket) {
    return "if=none,id=disk,format=raw,snapshot=on,cache=unsafe,file.driver=nbd,"
        + "file.server.type=unix,file.server.path="
        + escaped(socket);
  }

  private static String socket(String id, Path path) {
    return "socket,id=%s,path=%s".formatted(id, escaped(path));
  }

  /// QEMU's option lists are parted by commas.
  static String escaped(Path path) {
    return path.toString().replace(",", ",,");
  }

  /// What has the kernel kill a program when the thread ends that started it.
  static List<String> dieWithUs() {
    return Programs.find("setpriv")
        .map(setpriv -> List.of(setpriv.toString(), "--pdeathsig", "KILL", "--"))
        .orElse(List.of());
  }

  /// Starts it from a thread that lives as long as it does: the kernel looks at the thread.
  private static Process launch(ProcessBuilder builder) throws IOException {
    CompletableFuture<Process> started = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("qemu")
        .start(() -> {
          try {
            Process process = builder.start();
            started.complete(process);
            process.onExit().join();
          } catch (IOException | RuntimeException e) {
            started.completeExceptionally(e);
          }
        });
    try {
      return started.join();
    } catch (java.util.concurrent.CompletionException e) {
      throw new IOException("QEMU cannot be started: " + e.getCause(), e);
    }
  }

  private static ServerSocketChannel listen(Path socket, List<AutoCloseable> opened)
      throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    opened.add(listener);
    listener.bind(UnixDomainSocketAddress.of(socket));
    return listener;
  }

  /// QEMU connects as it starts.
  private static SocketChannel accept(
      ServerSocketChannel listener, Process process, Path errors, List<AutoCloseable> opened)
      throws IOException {
    CompletableFuture<SocketChannel> coming = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            coming.complete(listener.accept());
          } catch (IOException e) {
            coming.completeExceptionally(e);
          }
        });
    CompletableFuture<Void> ending =
        process.onExit().thenRun(() -> coming.completeExceptionally(new IOException("ended")));
    try {
      SocketChannel channel = coming.get(CONNECT_MILLIS, TimeUnit.MILLISECONDS);
      opened.add(channel);
      return channel;
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("QEMU does not start: " + said(errors), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new java.io.InterruptedIOException();
    } finally {
      ending.cancel(false);
    }
  }

  private static String said(Path errors) throws IOException {
    try (InputStream in = Files.newInputStream(errors)) {
      String text = new String(in.readNBytes(ERRORS_MAX), java.nio.charset.StandardCharsets.UTF_8);
      return text.isBlank() ? "it says nothing" : text.strip().replaceAll("\\s*\n\\s*", "; ");
    }
  }

  Qmp monitor() {
    return monitor;
  }

  SocketChannel agent() {
    return agent;
  }

  /// The last lines of the serial port.
  String lastLines(int count) {
    return serial.lastLines(count);
  }

  Screen screen() throws IOException {
    return Screen.of(monitor, work);
  }

  /// Why it does not run any more; empty while it does.
  Optional<String> stopped() throws IOException {
    if (!process.isAlive()) {
      return Optional.of("QEMU ended: " + said(work.resolve("qemu.log")));
    }
    String status = monitor.status();
    return switch (status) {
      case "running", "prelaunch", "inmigrate" -> Optional.empty();
      case "shutdown" -> Optional.of("the machine switched itself off, or started anew");
      case "guest-panicked" -> Optional.of("the guest says that it panicked");
      case "internal-error" -> Optional.of("this host's KVM cannot run the guest");
      case "io-error" -> Optional.of("the disk could not be read or written");
      default -> Optional.of("the machine stopped: " + status);
    };
  }

  private static void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() throws IOException {
    Closing.all(opened.reversed());
  }
}
