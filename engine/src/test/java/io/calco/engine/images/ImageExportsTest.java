package io.calco.engine.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.catalog.ImageEntry;
import io.calco.disk.JobContext;
import io.calco.engine.DemoDisk;
import io.calco.engine.OperationException;
import io.calco.testkit.Oracle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageExportsTest {
  private static final Map<String, String> QEMU = Map.of("vhd", "vpc");

  @TempDir Path dir;
  private Path disk;

  @BeforeEach
  void unpack() throws IOException {
    disk = dir.resolve("demo.qcow2");
    DemoDisk.unpack(disk);
  }

  private static ExportFormat format(String format, String subformat) {
    return ExportFormat.parse(
        Optional.of(format),
        Optional.of(subformat).filter(text -> !text.isEmpty()),
        Optional.empty());
  }

  private static byte[] whole(Shelf shelf, ImageEntry image, ExportFormat how) throws IOException {
    try (ImageExport export =
        shelf.service.exports().open(Shelf.ANA, image.id(), how, JobContext.SILENT)) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      export.send(Channels.newChannel(out), JobContext.SILENT);
      if (export.size().isPresent()) {
        assertThat(out.size()).isEqualTo(export.size().getAsLong());
      }
      return out.toByteArray();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "raw, ''",
    "vmdk, ''",
    "vmdk, streamOptimized",
    "vhd, ''",
    "vhd, fixed",
    "vhdx, ''",
    "vhdx, fixed",
    "vdi, ''",
    "ova, ''"
  })
  void anyFormatIsTheSameDiskAndTheSameBytesEachTime(String format, String subformat)
      throws IOException {
    byte[] first;
    Path file;
    try (Shelf shelf = new Shelf(dir)) {
      ImageEntry image = shelf.upload("debian:12", "qcow2", disk);
      ExportFormat how = format(format, subformat);
      first = whole(shelf, image, how);
      try (ImageExport export =
          shelf.service.exports().open(Shelf.ANA, image.id(), how, JobContext.SILENT)) {
        assertThat(export.fileName()).isEqualTo("debian-12." + format);
        file = dir.resolve(export.fileName());
        try (FileChannel target =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
          export.writeTo(target, JobContext.SILENT);
        }
        Random random = new Random(7);
        for (int i = 0; i < 20; i++) {
          int from = random.nextInt(first.length);
          int length = random.nextInt(Math.min(first.length - from, 3 << 20) + 1);
          ByteArrayOutputStream part = new ByteArrayOutputStream();
          export.send(Channels.newChannel(part), from, length, JobContext.SILENT);
          assertThat(Arrays.equals(part.toByteArray(), 0, length, first, from, from + length))
              .isTrue();
        }
      }
      assertThat(Arrays.equals(whole(shelf, image, how), first)).isTrue();
    }
    assertThat(Arrays.equals(Files.readAllBytes(file), first)).isTrue();
    if (format.equals("ova")) {
      Oracle.named("tar").run("-xf", file, "-C", dir).succeeds();
      try (var files = Files.list(dir)) {
        file = files.filter(each -> each.toString().endsWith(".vmdk")).findFirst().orElseThrow();
      }
    }
    String name = format.equals("ova") ? "vmdk" : QEMU.getOrDefault(format, format);
    Oracle qemu = Oracle.named("qemu-img");
    if (!format.equals("raw") && !format.equals("vhd")) {
      qemu.run("check", "-f", name, file).succeeds();
    }
    qemu.run("compare", "-f", "qcow2", "-F", name, disk, file).succeeds();
  }

  @ParameterizedTest
  @ValueSource(strings = {"raw", "vmdk", "vhdx", "vdi", "qcow2"})
  void rawToOthersKeepsHoles(String format) throws IOException {
    Path raw = dir.resolve("demo.raw");
    Oracle.named("qemu-img").run("convert", "-O", "raw", disk, raw).succeeds();
    Path file = dir.resolve("exported");
    try (Shelf shelf = new Shelf(dir)) {
      ImageEntry image = shelf.upload("", "raw", raw);
      try (ImageExport export =
              shelf
                  .service
                  .exports()
                  .open(Shelf.ANA, image.id(), format(format, ""), JobContext.SILENT);
          FileChannel target =
              FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        assertThat(export.fileName()).isEqualTo(image.id() + "." + format);
        export.writeTo(target, JobContext.SILENT);
      }
    }
    Oracle.named("qemu-img").run("compare", "-f", "raw", "-F", format, raw, file).succeeds();
    String blocks = Oracle.named("du").run("-B1", file).succeeds().out().split("\t", 2)[0];
    assertThat(Long.parseLong(blocks)).isLessThan(Files.size(raw) / 2);
  }

  @Test
  void asItCame() throws IOException {
    try (Shelf shelf = new Shelf(dir)) {
      ImageEntry image = shelf.upload("x", "qcow2", disk);
      byte[] bytes = Files.readAllBytes(disk);
      assertThat(whole(shelf, image, ExportFormat.EXACT)).isEqualTo(bytes);
      assertThat(whole(shelf, image, format("qcow2", ""))).isEqualTo(bytes);
      ExportFormat packed =
          ExportFormat.parse(Optional.of("raw"), Optional.empty(), Optional.of("gz"));
      Path gz = dir.resolve("x.raw.gz");
      Files.write(gz, whole(shelf, image, packed));
      Oracle.named("gzip").run("-d", gz).succeeds();
      Oracle.named("qemu-img")
          .run("compare", "-f", "qcow2", "-F", "raw", disk, dir.resolve("x.raw"))
          .succeeds();
    }
  }

  @Test
  void refusesWhatCannotBe() throws IOException {
    try (Shelf shelf = new Shelf(dir)) {
      ImageEntry kernel = shelf.upload("kernel", "aki", new byte[] {1, 2, 3});
      assertThat(whole(shelf, kernel, ExportFormat.EXACT)).containsExactly(1, 2, 3);
      for (var wrong :
          Map.of(kernel.id(), format("vmdk", ""), "none", ExportFormat.EXACT).entrySet()) {
        assertThatThrownBy(() ->
                shelf
                    .service
                    .exports()
                    .open(Shelf.ANA, wrong.getKey(), wrong.getValue(), JobContext.SILENT))
            .isInstanceOf(OperationException.class);
      }
      assertThatThrownBy(() ->
              shelf
                  .service
                  .exports()
                  .open(Shelf.BEA, kernel.id(), ExportFormat.EXACT, JobContext.SILENT))
          .isInstanceOf(OperationException.class);
      for (String none : new String[] {"exe", "", "luks", "qcow2\n"}) {
        assertThatThrownBy(() -> format(none, "")).isInstanceOf(OperationException.class);
      }
    }
  }
}
