package io.calco.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A libvirtd of one's own, with settings, machines and a socket in a directory: it lives in a
/// mount namespace in which libvirt's own places are that directory's, so that it neither needs nor
/// disturbs the machine's. Needs root; skips the test where others run it.
///
/// Machines run as root, in an emulation.
public final class LibvirtServer implements AutoCloseable {
  private final Path directory;
  private final Process process;

  private LibvirtServer(Path directory, Process process) {
    this.directory = directory;
    this.process = process;
  }

  /// Starts it.
  ///
  /// @param directory for its own files, empty
  public static LibvirtServer start(Path directory) throws IOException {
    Path libvirtd = Oracle.named("libvirtd").program();
    if (!System.getProperty("user.name").equals("root")
        || Oracle.named("unshare").run("-m", "true").exit() != 0) {
      throw Missing.optional("a libvirtd of its own runs as root only");
    }
    for (String name : List.of("etc", "lib", "run", "cache", "log", "sock")) {
      Files.createDirectory(directory.resolve(name));
    }
    Files.write(
        directory.resolve("etc/qemu.conf"),
        List.of(
            "user = \"root\"",
            "group = \"root\"",
            "stdio_handler = \"file\"",
            "security_driver = \"none\"",
            "namespaces = []",
            "cgroup_controllers = []"));
    Path config =
        Files.write(
            directory.resolve("libvirtd.conf"),
            List.of(
                "unix_sock_dir = \"%s\"".formatted(directory.resolve("sock")),
                "unix_sock_rw_perms = \"0700\"",
                "auth_unix_rw = \"none\""));
    List<String> script = new ArrayList<>(List.of("set -e"));
    Map.of(
            "etc",
            "/etc",
            "lib",
            "/var/lib",
            "run",
            "/run",
            "cache",
            "/var/cache",
            "log",
            "/var/log")
        .forEach((name, place) -> {
          script.add("mkdir -p %s/libvirt".formatted(place));
          script.add("mount --bind '%s' %s/libvirt".formatted(directory.resolve(name), place));
        });
    script.add("exec '%s' -f '%s' -p '%s'".formatted(libvirtd, config, directory.resolve("pid")));
    Process process =
        new ProcessBuilder(
                "setpriv",
                "--pdeathsig",
                "KILL",
                "unshare",
                "-m",
                "--propagation",
                "private",
                "sh",
                "-c",
                String.join("\n", script))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output").toFile())
            .start();
    LibvirtServer server = new LibvirtServer(directory, process);
    server.await();
    return server;
  }

  private void await() throws IOException {
    for (int attempt = 0; virsh("version").exit() != 0; attempt++) {
      if (attempt == 600 || !process.isAlive()) {
        process.destroyForcibly();
        throw new AssertionError("libvirtd: " + Files.readString(directory.resolve("output")));
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
  }

  /// Where it writes the number of the process that a running machine is.
  public Path pidFile(String machine) {
    return directory.resolve("run/qemu/%s.pid".formatted(machine));
  }

  /// Where it listens.
  public Path socket() {
    return directory.resolve("sock/libvirt-sock");
  }

  /// Its address.
  public String uri() {
    return "qemu+unix:///system?socket=" + socket();
  }

  /// Asks virsh about it.
  public Oracle.Run virsh(Object... arguments) {
    return Oracle.named("virsh")
        .run(Stream.concat(Stream.of("-q", "-c", uri()), Arrays.stream(arguments)).toArray());
  }

  /// Makes a machine of a description.
  public void define(String xml) throws IOException {
    Path file = Files.writeString(directory.resolve("machine.xml"), xml);
    virsh("define", "--validate", file).succeeds();
  }

  /// What libvirt keeps of a machine, which its own schema must fit.
  public String stored(String machine) throws IOException {
    String xml = virsh("dumpxml", "--inactive", "--security-info", machine).succeeds().out();
    Path file = Files.writeString(directory.resolve("stored.xml"), xml);
    Oracle.named("virt-xml-validate").run(file, "domain").succeeds();
    return xml;
  }

  /// Ends its machines, and it.
  @Override
  public void close() {
    if (process.isAlive()) {
      virsh("list", "--name")
          .out()
          .lines()
          .filter(name -> !name.isBlank())
          .forEach(name -> virsh("destroy", name));
    }
    ProcessEnd.kill(process);
  }
}
