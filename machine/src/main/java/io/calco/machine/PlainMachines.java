package io.calco.machine;

import io.calco.disk.BesideFile;
import io.calco.sys.ProcessMark;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import tools.jackson.databind.JsonNode;

/// Machines that QEMU alone runs, without libvirt and without us: each has a directory with what it
/// is made of, the mark of its process while it runs, and the sockets of its monitor and its serial
/// port.
///
/// A machine runs when the process that its mark names is there (its number and its start: a number
/// that is used again is another process), and its monitor takes a connection. A mark that outlived
/// its process is nothing.
///
/// Safe for several threads and several processes.
public final class PlainMachines {
  private static final String RECORD = "machine.json";
  private static final String MARK = "process";
  private static final String CHANGE = "disk-changes";
  private static final String LOCK = "lock";
  private static final String MONITOR = "qmp.sock";
  private static final String CONSOLE = "console.sock";
  private static final String AGENT = "agent.sock";
  private static final String AGENT_DEVICE = "agent";
  private static final Duration AGENT_PATIENCE = Duration.ofSeconds(5); // libvirt's
  private static final String BACKUP = "backup.sock";
  private static final String VARIABLES = "firmware.fd";
  private static final int SOCKET_MAX = 107; // sockaddr_un
  private static final long START_SECONDS = 60; // ours
  private static final long KILL_SECONDS = 10; // ours
  private static final int ERRORS_MAX = 4096; // ours

  private static final ReentrantLock STARTING = new ReentrantLock();

  private final Path directory;

  /// @param directory of all of them; made with the first
  public PlainMachines(Path directory) {
    this.directory = directory.toAbsolutePath();
  }

  /// All of them.
  public List<PlainMachine> list() throws IOException {
    List<PlainMachine> machines = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
        for (Path entry : entries) {
          find(entry.getFileName().toString()).ifPresent(machines::add);
        }
      }
    }
    return machines;
  }

  /// The one of that name.
  public Optional<PlainMachine> find(String name) throws IOException {
    if (!PlainMachine.isName(name)) {
      return Optional.empty();
    }
    Path file = at(name).resolve(RECORD);
    try {
      PlainMachine machine = PlainMachine.parse(Files.readString(file), file);
      return Optional.of(Files.exists(at(name).resolve(CHANGE)) ? afterChange(machine) : machine);
    } catch (NoSuchFileException | java.nio.file.NotDirectoryException e) {
      return Optional.empty();
    }
  }

  /// The disk of one that runs.
  public LiveDisk disk(PlainMachine machine) {
    return new PlainDisk(this, machine);
  }

  /// Where the server of a running machine's backup listens; nothing is there otherwise.
  public Path backupSocket(String name) {
    return at(name).resolve(BACKUP);
  }

  /// The agent in a running machine.
  ///
  /// @return empty when no program in the guest listens
  /// @throws IOException when one does and says nothing
  public Optional<GuestAgent> agent(String name) throws IOException {
    try (Qmp monitor = monitor(name)) {
      for (JsonNode device : monitor.execute("query-chardev", Map.of())) {
        if (device.path("label").asString("").equals(AGENT_DEVICE)
            && device.path("frontend-open").asBoolean(false)) {
          return Optional.of(GuestAgent.owning(connect(name, AGENT), AGENT_PATIENCE));
        }
      }
    }
    return Optional.empty();
  }

  /// Notes that a machine is about to go on with another disk; asked of its QEMU when it is looked
  /// at next.
  void noteChange(String name) throws IOException {
    write(at(name).resolve(CHANGE), "");
  }

  /// One that changed its disk, with the one that its QEMU has.
  private PlainMachine afterChange(PlainMachine machine) throws IOException {
    String name = machine.name();
    if (status(name).isEmpty()) {
      return machine;
    }
    LiveDisk disk = disk(machine);
    if (disk.job().isPresent()) { // not yet
      return machine;
    }
    DiskLayer now = disk.layers().getFirst();
    PlainMachine changed =
        machine.on(now.file().orElse(machine.disk()), now.format().orElse(machine.format()));
    write(at(name).resolve(RECORD), changed.toString());
    Files.deleteIfExists(at(name).resolve(CHANGE));
    return changed;
  }

  private void requireKnownDisk(PlainMachine machine) throws FileSystemException {
    if (Files.exists(at(machine.name()).resolve(CHANGE))) {
      throw new FileSystemException(
          machine.disk().toString(),
          null,
          ("machine %s was to go on with the image below this one when Calco was killed, and has ended"
                  + " since: see which of them was written last, and define the machine anew for that one")
              .formatted(machine.name()));
    }
  }

  private Path at(String name) {
    return directory.resolve(name);
  }

  /// Keeps a new one; its firmware's variables are the distribution's.
  ///
  /// @throws FileSystemException when its directory's path is too long for sockets
  public void add(PlainMachine machine) throws IOException {
    Path own = at(machine.name());
    if (own.resolve(CONSOLE).toString().getBytes(StandardCharsets.UTF_8).length > SOCKET_MAX) {
      throw new FileSystemException(
          own.toString(), null, "is too long a path for a socket; take a shorter CALCO_HOME");
    }
    Files.createDirectories(own);
    newVariables(machine);
    write(own.resolve(RECORD), machine.toString());
  }

  private void newVariables(PlainMachine machine) throws IOException {
    Optional<Path> variables = machine.settings().firmware().variables();
    if (variables.isPresent()) {
      Files.write(at(machine.name()).resolve(VARIABLES), Files.readAllBytes(variables.get()));
    }
  }

  /// Changes one; its firmware keeps its variables, unless it is another firmware.
  public void replace(PlainMachine machine) throws IOException {
    Optional<Firmware> before = find(machine.name()).map(old -> old.settings().firmware());
    if (!before.equals(Optional.of(machine.settings().firmware()))) {
      newVariables(machine);
    }
    write(at(machine.name()).resolve(RECORD), machine.toString());
  }

  private static void write(Path file, String text) throws IOException {
    try (BesideFile part = BesideFile.of(file)) {
      Files.writeString(part.path(), text);
      part.publishReplacing();
    }
  }

  /// Forgets one that is off; its disk stays.
  public void remove(String name) throws IOException {
    Path own = at(name);
    Files.deleteIfExists(own.resolve(RECORD));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(own)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(own);
  }

  /// Gives one that is off another name, which is free.
  public void rename(PlainMachine machine, String name) throws IOException {
    PlainMachine renamed = machine.named(name);
    Files.move(at(machine.name()), at(name));
    write(at(name).resolve(RECORD), renamed.toString());
  }

  /// What QEMU says that it does (`running`, `paused`, …); empty when it is off.
  public Optional<String> status(String name) throws IOException {
    if (process(name).isEmpty()) {
      return Optional.empty();
    }
    try (Qmp monitor = monitor(name)) {
      return Optional.of(monitor.status());
    } catch (IOException e) {
      // It ended in between, or somebody else has its monitor.
      return process(name).isPresent() && !(e instanceof java.net.ConnectException)
          ? Optional.of("running")
          : Optional.empty();
    }
  }

  private Optional<ProcessHandle> process(String name) throws IOException {
    Path file = at(name).resolve(MARK);
    try {
      return ProcessMark.parse(Files.readString(file).strip())
          .filter(mark -> mark.state() == ProcessMark.State.RUNNING)
          .flatMap(mark -> ProcessHandle.of(mark.pid()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  Qmp monitor(String name) throws IOException {
    return Qmp.owning(connect(name, MONITOR));
  }

  private SocketChannel connect(String name, String socket) throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(at(name).resolve(socket)));
  }

  /// Starts one that is off; it goes on when this process ends.
  ///
  /// @throws IOException when QEMU does not start, with what it says
  public void start(PlainMachine machine) throws IOException {
    STARTING.lock(); // a file's lock is a process's
    try {
      startAlone(machine);
    } finally {
      STARTING.unlock();
    }
  }

  private void startAlone(PlainMachine machine) throws IOException {
    Path own = at(machine.name());
    try (FileChannel lock =
            FileChannel.open(
                own.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var _ = lock.lock()) {
      if (status(machine.name()).isPresent()) {
        throw new IOException("machine %s runs already".formatted(machine.name()));
      }
      requireKnownDisk(machine);
      Path pid = Files.createTempFile(own, "qemu", ".pid");
      Path errors = Files.createTempFile(own, "qemu", ".log");
      try {
        launch(machine, own, pid, errors);
        long number = Long.parseLong(Files.readString(pid).strip());
        write(own.resolve(MARK), ProcessMark.of(number).toString());
      } finally {
        Files.deleteIfExists(pid);
        Files.delete(errors);
      }
    }
  }

  private static void launch(PlainMachine machine, Path own, Path pid, Path errors)
      throws IOException {
    Path qemu =
        Programs.find(BootTest.PROGRAM)
            .orElseThrow(() -> new NoSuchFileException(BootTest.PROGRAM, null, "not on the PATH"));
    List<String> words = new ArrayList<>(List.of(qemu.toString()));
    words.addAll(machine.options(own.resolve(VARIABLES)));
    words.addAll(List.of("-chardev", socket("console", own.resolve(CONSOLE))));
    words.addAll(List.of("-serial", "chardev:console"));
    words.addAll(List.of("-chardev", socket(AGENT_DEVICE, own.resolve(AGENT))));
    words.addAll(
        List.of(
            "-device", "virtserialport,chardev=" + AGENT_DEVICE + ",name=org.qemu.guest_agent.0"));
    words.addAll(List.of("-chardev", socket("monitor", own.resolve(MONITOR))));
    words.addAll(List.of("-mon", "chardev=monitor,mode=control"));
    words.addAll(List.of("-daemonize", "-pidfile", pid.toString()));
    Process process =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(errors.toFile())
            .directory(own.toFile())
            .start();
    process.getOutputStream().close();
    try {
      if (!process.waitFor(START_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("QEMU does not start within %d s".formatted(START_SECONDS));
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
    if (process.exitValue() != 0) {
      throw new IOException("QEMU does not start: " + said(errors));
    }
  }

  private static String said(Path errors) throws IOException {
    try (InputStream in = Files.newInputStream(errors)) {
      String text = new String(in.readNBytes(ERRORS_MAX), StandardCharsets.UTF_8);
      return text.isBlank() ? "it says nothing" : text.strip().replaceAll("\\s*\n\\s*", "; ");
    }
  }

  private static String socket(String id, Path path) {
    return "socket,id=%s,server=on,wait=off,path=%s".formatted(id, Machine.escaped(path));
  }

  /// Asks one that runs to shut itself down; returns at once.
  public void shutdown(String name) throws IOException {
    try (Qmp monitor = monitor(name)) {
      monitor.execute("system_powerdown", Map.of());
    }
  }

  /// Ends one that runs, as pulling the plug does; it is off when this returns.
  public void kill(String name) throws IOException {
    Optional<ProcessHandle> process = process(name);
    if (process.isEmpty()) {
      return;
    }
    try (Qmp monitor = monitor(name)) {
      monitor.execute("quit", Map.of());
    } catch (IOException e) {
      process.get().destroyForcibly();
    }
    process.get().onExit().completeOnTimeout(process.get(), KILL_SECONDS, TimeUnit.SECONDS).join();
    if (process(name).isPresent()) {
      process.get().destroyForcibly();
    }
  }

  /// What the screen of one that runs shows.
  public ScreenPicture screenshot(String name) throws IOException {
    Path work = Files.createTempDirectory(at(name), "screen");
    try (Qmp monitor = monitor(name)) {
      Path dump = work.resolve("screen.ppm");
      monitor.execute("screendump", Map.of("filename", dump.toString()));
      ScreenPicture picture = ScreenPicture.ofPixmap(Files.readAllBytes(dump));
      Files.delete(dump);
      return picture;
    } finally {
      Files.delete(work);
    }
  }

  /// True when somebody talks to the machine on its serial port.
  public boolean consoleTaken(String name) throws IOException {
    try (Qmp monitor = monitor(name)) {
      for (JsonNode device : monitor.execute("query-chardev", Map.of())) {
        if (device.path("label").asString("").equals("console")) {
          return !device.path("filename").asString("").startsWith("disconnected");
        }
      }
    }
    return false;
  }

  /// The serial port of one that runs. Whoever talks there already is heard first.
  public MachineConsole console(String name) throws IOException {
    SocketChannel channel = connect(name, CONSOLE);
    return new MachineConsole() {
      @Override
      public InputStream input() {
        return Channels.newInputStream(channel);
      }

      @Override
      public OutputStream output() {
        return Channels.newOutputStream(channel);
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }
}
