package io.calco.engine.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageOrigin;
import io.calco.disk.JobContext;
import io.calco.engine.DemoDisk;
import io.calco.engine.OperationException;
import io.calco.engine.images.ImageTaking.Taken;
import io.calco.engine.images.ImageTaking.Wanted;
import io.calco.engine.published.Checksum;
import io.calco.testkit.Oracle;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageTakingTest {
  @TempDir Path dir;
  private Path published;
  private Path disk;
  private Shelf shelf;

  @BeforeEach
  void open() throws IOException {
    published = Files.createDirectory(dir.resolve("published"));
    disk = published.resolve("demo.qcow2");
    DemoDisk.unpack(disk);
    shelf = new Shelf(dir);
  }

  @AfterEach
  void close() throws IOException {
    shelf.close();
  }

  private Taken take(ImportSource source, String format, ImportProof proof) throws IOException {
    return take(source, format, proof, Map.of());
  }

  private Taken take(
      ImportSource source, String format, ImportProof proof, Map<String, Object> attributes)
      throws IOException {
    Map<String, Object> all = new HashMap<>(attributes);
    all.put("visibility", "private");
    return shelf
        .service
        .taking()
        .take(
            Shelf.ANA,
            source,
            new Wanted(all, Optional.of(format).filter(text -> !text.isEmpty())),
            proof,
            JobContext.SILENT);
  }

  private static ImportProof checksum(String text) {
    return new ImportProof(
        Optional.of(Checksum.parse(text)), Optional.empty(), Optional.empty(), Optional.empty());
  }

  private String sha(String tool, Path file) {
    return Oracle.named(tool).run(file).succeeds().out().split(" ", 2)[0];
  }

  private void assertNothingKept() throws IOException {
    assertThat(shelf.service.images().list(Shelf.ANA, ImageNamesTest.everything())).isEmpty();
  }

  @Test
  void whateverItIsPackedIn() throws IOException {
    String sha256 = sha("sha256sum", disk);
    Oracle.named("gzip").run("-k", disk).succeeds();
    Oracle.named("xz").run("-k", "-T2", disk).succeeds();
    Oracle.named("zstd").run("-q", "-k", disk).succeeds();
    Oracle.named("bzip2").run("-k", disk).succeeds();
    Path tar = published.resolve("demo.tar");
    Oracle.named("tar").run("-cf", tar, "-C", published, "demo.qcow2").succeeds();
    Oracle.named("gzip").run("-k", tar).succeeds();
    Oracle.named("zip").run("-q", "-j", published.resolve("demo.zip"), disk).succeeds();
    for (String name :
        List.of(
            "demo.qcow2",
            "demo.qcow2.gz",
            "demo.qcow2.xz",
            "demo.qcow2.zst",
            "demo.qcow2.bz2",
            "demo.tar",
            "demo.tar.gz",
            "demo.zip")) {
      Path file = published.resolve(name);
      String packed = "sha512:" + sha("sha512sum", file);
      Taken taken = take(new ImportSource.File(file), "", checksum(packed));
      ImageEntry image = taken.image();
      assertThat(image.data().orElseThrow().sha256()).as(name).isEqualTo(sha256);
      assertThat(image.facts().diskFormat()).as(name).isEqualTo("qcow2");
      assertThat(image.facts().name()).as(name).isEqualTo("demo");
      assertThat(taken.inspection().system().id()).as(name).isEqualTo("debian");
      assertThat(taken.origin().verified().checksum()).isEqualTo(packed);
      assertThat(shelf.service.origins().find(Shelf.ANA, image.id())).contains(taken.origin());
      try (InputStream stream = Files.newInputStream(file)) {
        Taken again = take(new ImportSource.Input(stream), "qcow2", checksum(packed));
        assertThat(again.image().data().orElseThrow().sha256()).as(name).isEqualTo(sha256);
      }
    }
    shelf.service.images().list(Shelf.ANA, ImageNamesTest.everything());
  }

  @Test
  void whatIsNotAsPublishedIsNotKept() throws IOException {
    String wrong = "sha256:" + "0".repeat(64);
    assertThatThrownBy(() -> take(new ImportSource.File(disk), "", checksum(wrong)))
        .isInstanceOf(OperationException.class)
        .hasMessageContaining("is not what was published");
    assertThatThrownBy(() -> take(new ImportSource.File(disk), "raw", ImportProof.NONE))
        .hasMessageContaining("is qcow2, not raw as declared");
    Path cut = published.resolve("cut.gz");
    Oracle.named("gzip").run("-k", disk).succeeds();
    byte[] packed = Files.readAllBytes(published.resolve("demo.qcow2.gz"));
    Files.write(cut, java.util.Arrays.copyOf(packed, packed.length / 2));
    assertThatThrownBy(() -> take(new ImportSource.File(cut), "", ImportProof.NONE))
        .isInstanceOf(io.calco.disk.CorruptImageException.class);
    Path overlay = published.resolve("overlay.qcow2");
    Oracle.named("qemu-img")
        .run("create", "-q", "-f", "qcow2", "-b", disk, "-F", "qcow2", overlay)
        .succeeds();
    assertThatThrownBy(() -> take(new ImportSource.File(overlay), "", ImportProof.NONE))
        .hasMessageContaining("rests on another image");
    Path text = Files.writeString(published.resolve("x.dmg"), "no image");
    assertThatThrownBy(() -> take(new ImportSource.File(text), "vmdk", ImportProof.NONE))
        .isInstanceOf(OperationException.class);
    assertNothingKept();
  }

  @Test
  void fromThePoolWithAllBelow() throws IOException {
    Path overlay = published.resolve("vm1.qcow2");
    Oracle.named("qemu-img")
        .run("create", "-q", "-f", "qcow2", "-b", "demo.qcow2", "-F", "qcow2", overlay)
        .succeeds();
    Oracle.named("qemu-io").run("-c", "write -P 7 0 64k", overlay).succeeds();
    Files.writeString(published.resolve("notes.txt"), "");
    Files.createDirectory(published.resolve("other"));
    List<ImportSource> found = ImagePool.disks(published, List.of());
    assertThat(found.toString()).contains("vm1.qcow2").doesNotContain("demo.qcow2");
    assertThatThrownBy(() -> ImagePool.disks(published, List.of("../store/x")))
        .isInstanceOf(OperationException.class);
    Taken taken =
        take(new ImportSource.Pool(overlay), "", ImportProof.NONE, Map.of("name", "vm:1"));
    assertThat(taken.origin().kind()).isEqualTo(ImageOrigin.Kind.POOL);
    Path out = dir.resolve("out.qcow2");
    try (ImageExport export =
        shelf
            .service
            .exports()
            .open(Shelf.ANA, taken.image().id(), ExportFormat.EXACT, JobContext.SILENT)) {
      export.save(out, JobContext.SILENT);
    }
    Oracle.named("qemu-img").run("check", out).succeeds();
    Oracle.named("qemu-img").run("compare", overlay, out).succeeds();
    assertThat(Oracle.named("qemu-img").run("info", out).out()).doesNotContain("backing");
  }

  @Test
  void ofAnApplianceAndAnIso() throws IOException {
    Path vmdk = dir.resolve("export");
    Taken taken = take(new ImportSource.File(disk), "", ImportProof.NONE);
    ExportFormat ova = ExportFormat.parse(Optional.of("ova"), Optional.empty(), Optional.empty());
    Path file = Files.createDirectory(vmdk);
    try (ImageExport export =
        shelf.service.exports().open(Shelf.ANA, taken.image().id(), ova, JobContext.SILENT)) {
      file = export.save(file, JobContext.SILENT);
    }
    assertThat(file).hasFileName("demo.ova");
    Taken appliance = take(new ImportSource.File(file), "", ImportProof.NONE);
    assertThat(appliance.image().facts().containerFormat()).isEqualTo("ova");
    assertThat(appliance.image().facts().diskFormat()).isEqualTo("vmdk");
    assertThat(appliance.inspection().system().id()).isEqualTo("debian");
    assertThat(appliance.image().data().orElseThrow().virtualSize())
        .isEqualTo(taken.image().data().orElseThrow().virtualSize());
  }

  @Test
  void byUrlWithASignedList() throws IOException {
    Path home = Files.createDirectory(dir.resolve("gnupg"));
    Oracle.named("chmod").run("700", home).succeeds();
    Oracle gpg = Oracle.named("gpg");
    Object[] key = {
      "--homedir",
      home,
      "--batch",
      "--passphrase",
      "",
      "--quick-generate-key",
      "Images <i@example.org>",
      "ed25519",
      "sign",
      "never"
    };
    gpg.run(key).succeeds();
    Path sums = published.resolve("SHA512SUMS");
    Files.writeString(sums, "%s  demo.qcow2\n".formatted(sha("sha512sum", disk)));
    gpg.run(
            "--homedir",
            home,
            "--batch",
            "--detach-sign",
            "-o",
            published.resolve("SUMS.sign"),
            sums)
        .succeeds();
    Path keyring = dir.resolve("keys.gpg");
    gpg.run("--homedir", home, "--batch", "-o", keyring, "--export").succeeds();
    Oracle.named("gpgconf").run("--homedir", home, "--kill", "all");

    HttpServer web =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    web.createContext(
        "/",
        exchange -> {
          Path file = published.resolve(exchange.getRequestURI().getPath().substring(1));
          exchange.sendResponseHeaders(200, Files.size(file));
          try (var body = exchange.getResponseBody()) {
            Files.copy(file, body);
          }
        });
    web.start();
    try {
      String address = "http://localhost:" + web.getAddress().getPort() + "/";
      ImportProof proof =
          new ImportProof(
              Optional.empty(),
              Optional.of(address + "SHA512SUMS"),
              Optional.of(address + "SUMS.sign"),
              Optional.of(keyring));
      ImportSource source = new ImportSource.Web(address + "demo.qcow2");
      Taken taken = take(source, "", proof, Map.of("name", "debian:12"));
      ImageOrigin.Verified verified = taken.origin().verified();
      assertThat(verified.signer()).isEqualTo("Images <i@example.org>");
      assertThat(verified.keyFingerprint()).hasSize(40);
      assertThat(verified.checksumList()).isEqualTo(address + "SHA512SUMS");
      assertThat(verified.signedAt()).isPresent();
      assertThat(shelf.service.names().get(Shelf.ANA, "debian").id()).isEqualTo(taken.image().id());

      Files.writeString(sums, "%s  demo.qcow2\n".formatted("0".repeat(128)));
      assertThatThrownBy(() -> take(source, "", proof)).hasMessageContaining("has another text");
    } finally {
      web.stop(0);
    }
  }

  @Test
  void anAmiNamesItsParts() throws IOException {
    InputStream kernel = new ByteArrayInputStream(new byte[] {1, 2, 3});
    Taken aki =
        take(new ImportSource.Input(kernel), "aki", ImportProof.NONE, Map.of("name", "linux:6"));
    Map<String, Object> attributes = new HashMap<>(Map.of("name", "root"));
    MachineParts.addParts(
        shelf.service,
        Shelf.ANA,
        Optional.of("ami"),
        Optional.of("linux:6"),
        Optional.empty(),
        attributes);
    Taken ami =
        take(
            new ImportSource.Input(new ByteArrayInputStream(new byte[1 << 20])),
            "ami",
            ImportProof.NONE,
            attributes);
    assertThat(ami.image().properties()).containsEntry("kernel_id", aki.image().id());
    assertThat(ami.image().facts().containerFormat()).isEqualTo("ami");
    assertThatThrownBy(() ->
            MachineParts.addParts(
                shelf.service,
                Shelf.ANA,
                Optional.of("ami"),
                Optional.empty(),
                Optional.of("linux:6"),
                attributes))
        .hasMessageContaining("is a aki, not a ari");
  }
}
