package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.DemoDisk;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `calco disk convert -O ova`, read by others.
class ApplianceTest {
  @TempDir private Path dir;
  private Path source;

  @BeforeEach
  void makeSource() throws IOException {
    source = dir.resolve("web.qcow2");
    DemoDisk.unpack(source);
  }

  /// What tar, sha256sum, qemu-img and xmllint find in the appliance.
  private String unpacked(Path ova) throws IOException {
    Path in = Files.createDirectory(dir.resolve("in"));
    Oracle.Run list = Oracle.named("tar").run("-C", in, "-xvf", ova).succeeds();
    assertThat(list.out().lines().map(name -> name.replaceFirst(".*[.]", "")))
        .containsExactly("ovf", "mf", "vmdk");
    String script =
        """
        cd %s
        sed -n 's/^SHA256(\\(.*\\))= \\(.*\\)/\\2  \\1/p' *.mf | sha256sum -c --strict || exit 1
        test $(grep -c SHA256 *.mf) = 2 || exit 1
        qemu-img compare -f vmdk -F qcow2 *.vmdk %s
        """
            .formatted(in, source);
    Oracle.named("sh").run("-c", script).succeeds();
    try (var files = Files.newDirectoryStream(in, "*.ovf")) {
      Path descriptor = files.iterator().next();
      Oracle.named("xmllint").run("--noout", descriptor).succeeds();
      return Files.readString(descriptor);
    }
  }

  @Test
  void isReadByOthers() throws IOException {
    Path ova = dir.resolve("shop.ova");
    calco("disk", "convert", "-O", "ova", "-o", "cpus=4,memory=512M,firmware=efi", source, ova)
        .exits(0);
    String descriptor = unpacked(ova);
    assertThat(descriptor)
        .contains("<ovf:Name>shop</ovf:Name>")
        .contains("<rasd:ElementName>4 virtual CPUs</rasd:ElementName>")
        .contains("<rasd:ElementName>512 MB of memory</rasd:ElementName>")
        .contains("vmw:key=\"firmware\" vmw:value=\"efi\"")
        .contains("<rasd:ResourceSubType>AHCI</rasd:ResourceSubType>");
  }

  /// Opened again where it lies.
  @Test
  void isReadInPlace() {
    Path ova = dir.resolve("shop.ova");
    calco("disk", "convert", "-O", "ova", source, ova).exits(0);
    calco("disk", "compare", "-s", source, ova).exits(0);
    assertThat(calco("disk", "info", ova).exits(0).out())
        .contains("file format: vmdk\n")
        .contains("packed in: ova\n");
    calco("disk", "check", "--untrusted", ova).exits(0);
  }

  @Test
  void goesDownAPipe() throws IOException {
    Path ova = dir.resolve("piped.ova");
    assertThat(Command.sent(ova, "disk", "convert", "-O", "ova", source, "-")).isZero();
    assertThat(unpacked(ova)).contains("<ovf:Name>web</ovf:Name>").contains("vmw:value=\"efi\"");
    calco("disk", "compare", "-s", source, ova).exits(0);
  }

  @Test
  void refusesWhatItCannotDescribe() {
    Path ova = dir.resolve("shop.ova");
    String[] wrong = {"cpus=0", "firmware=coreboot", "controller=usb", "memory=x", "subformat=x"};
    for (String option : wrong) {
      calco("disk", "convert", "-O", "ova", "-o", option, source, ova).exits(2);
    }
    calco("disk", "convert", "-O", "ova", "-n", source, ova).exits(2);
    assertThat(ova).doesNotExist();
  }
}
