package io.calco.engine;

import io.calco.catalog.Clone;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.engine.CloneRequest.BackingPath;
import io.calco.engine.TemplateRequest.Placement;
import io.calco.guest.generalise.GeneraliseOptions;
import io.calco.guest.personalise.Personalisation;
import io.calco.guest.seed.Seed;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// A home in a temporary directory, with the demo's disk beside it and other programs to judge what
/// is made.
final class TestHome implements AutoCloseable {
  /// Where `make-demo-disk.sh` puts the root partition.
  private static final long ROOT = 18L << 20;

  final Path directory;
  final Path disk;
  final Calco calco;

  TestHome(Path directory) throws IOException {
    this.directory = directory;
    this.disk = directory.resolve("vm.qcow2");
    DemoDisk.unpack(disk);
    this.calco = Calco.open(new Home(directory.resolve("home")));
  }

  Path pool() {
    return calco.home().pool();
  }

  TemplateRequest request(Path source, Placement placement) {
    return new TemplateRequest(
        source, ImageOptions.reading(), placement, GeneraliseOptions.defaults());
  }

  TemplateReport template(String name) throws IOException {
    return calco
        .templates()
        .create(name, request(disk, Placement.POOL_COPY), JobContext.SILENT)
        .template();
  }

  static CloneRequest clones(String template, Clone.Kind kind, String... names) {
    return new CloneRequest(
        template,
        Optional.empty(),
        List.of(names),
        kind,
        OptionalLong.empty(),
        Optional.empty(),
        BackingPath.RELATIVE,
        hostname -> Personalisation.builder(hostname).build(),
        Optional.empty());
  }

  static CloneRequest withSize(CloneRequest request, long size) {
    return new CloneRequest(
        request.template(),
        request.version(),
        request.names(),
        request.kind(),
        OptionalLong.of(size),
        request.directory(),
        request.backingPath(),
        request.personalisation(),
        request.seed());
  }

  static CloneRequest in(CloneRequest request, Path directory, BackingPath backing) {
    return new CloneRequest(
        request.template(),
        request.version(),
        request.names(),
        request.kind(),
        request.size(),
        Optional.of(directory),
        backing,
        request.personalisation(),
        request.seed());
  }

  static CloneRequest seeded(CloneRequest request, Seed.Form form) {
    return new CloneRequest(
        request.template(),
        request.version(),
        request.names(),
        request.kind(),
        request.size(),
        request.directory(),
        request.backingPath(),
        request.personalisation(),
        Optional.of(form));
  }

  List<CloneReport> make(CloneRequest request) throws IOException {
    return calco.clones().create(request, JobContext.SILENT);
  }

  /// Names of the files in the pool and of first states, parts of files too.
  List<String> files() throws IOException {
    try (Stream<Path> pool = Files.list(pool());
        Stream<Path> first = Files.list(calco.home().first())) {
      return Stream.concat(
              pool.map(p -> p.getFileName().toString()),
              first.map(p -> "first/" + p.getFileName().toString()))
          .sorted()
          .toList();
    }
  }

  List<Doctor.Finding> findings() throws IOException {
    return calco.doctor().examine(Doctor.Depth.FULL, JobContext.SILENT).findings();
  }

  static String sha256(Path file) throws IOException {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      return "%064x".formatted(new BigInteger(1, digest));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /// qemu-img finds nothing wrong with the image, e2fsck nothing with the root file system in it.
  Path requireSound(Path image, String format) {
    if (!format.equals("raw")) {
      Oracle.named("qemu-img").run("check", "-f", format, image).succeeds();
    }
    Path raw = directory.resolve(image.getFileName() + ".judged");
    Oracle.named("qemu-img").run("convert", "-f", format, "-O", "raw", image, raw).succeeds();
    Oracle.named("e2fsck").run("-fn", raw + "?offset=" + ROOT).succeeds();
    return raw;
  }

  /// A file of the root file system in a raw disk.
  static String cat(Path raw, String path) {
    return Oracle.named("debugfs").run("-R", "cat " + path, raw + "?offset=" + ROOT).out();
  }

  /// Takes the immutable flag off, so that a test may do damage, and a temporary directory may go.
  static void unlock(Path path) {
    Oracle.find("chattr").ifPresent(chattr -> chattr.run("-R", "-f", "-i", path));
  }

  /// A process that has the image open for writing, with QEMU's locks, until it is closed.
  static Process hold(Path image) throws IOException {
    Process holder =
        new ProcessBuilder(Oracle.named("qemu-io").program().toString(), image.toString())
            .redirectErrorStream(true)
            .start();
    holder.getOutputStream().write("length\n".getBytes(StandardCharsets.UTF_8));
    holder.getOutputStream().flush();
    // The answer comes when the image is open.
    String answer = holder.inputReader().readLine();
    if (answer == null || !answer.endsWith("128 MiB")) {
      holder.destroyForcibly();
      throw new AssertionError("qemu-io answers: " + answer);
    }
    return holder;
  }

  @Override
  public void close() throws IOException {
    calco.close();
    unlock(directory);
  }
}
