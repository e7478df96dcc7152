package io.calco.fs.iso9660;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.fs.InMemory;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Images that we make, read by isoinfo, xorriso and blkid.
class IsoImageTest {
  private static final Instant TIME = Instant.parse("2024-02-29T12:34:56Z");

  @TempDir(factory = InMemory.class)
  Path directory;

  private static Map<String, byte[]> files() {
    TreeMap<String, byte[]> files = new TreeMap<>();
    files.put("user-data", "#cloud-config\n".getBytes(StandardCharsets.UTF_8));
    files.put("meta-data", "instance-id: x\n".getBytes(StandardCharsets.UTF_8));
    files.put("network-config", new byte[0]);
    files.put("openstack/latest/meta_data.json", "{}".getBytes(StandardCharsets.UTF_8));
    files.put("openstack/latest/user_data", new byte[5000]);
    files.put("openstack/content/0000", new byte[2048]);
    files.put("ein langer Name mit Ümläuten und noch mehr.text", new byte[3]);
    for (int i = 0; i < 60; i++) {
      byte[] content = new byte[100 * i];
      new Random(i).nextBytes(content);
      files.put("many/user-data number " + i, content);
    }
    return files;
  }

  private Path image(String label) throws IOException {
    IsoImage image = IsoImage.labelled(label, TIME);
    for (var file : files().entrySet()) {
      image.add(file.getKey(), file.getValue());
    }
    return Files.write(directory.resolve(label + ".iso"), image.bytes());
  }

  @ParameterizedTest
  @ValueSource(strings = {"CIDATA", "config-2"})
  void othersReadIt(String label) throws IOException {
    Path image = image(label);
    String blkid = Oracle.named("blkid").run("-p", "-o", "full", image).succeeds().out();
    assertThat(blkid)
        .contains(" LABEL=\"" + label + "\"")
        .contains("TYPE=\"iso9660\"")
        .contains("UUID=\"2024-02-29-12-34-56-00\"");
    List<String> paths =
        files().keySet().stream()
            .filter(path -> path.chars().allMatch(c -> c < 0x80))
            .map(path -> "/" + path)
            .toList();
    assertThat(find(image, "-R")).containsAll(paths);
    assertThat(find(image, "-J")).containsAll(paths);
    for (String words : List.of("-R /user-data", "-J /user-data;1", "-s /USER_DAT.;1")) {
      String[] word = words.split(" ");
      Oracle.Run run = Oracle.named("isoinfo").run(word[0], "-i", image, "-x", word[1]);
      assertThat(run.succeeds().out()).as(words).isEqualTo("#cloud-config\n");
    }
  }

  private static List<String> find(Path image, String names) {
    return Oracle.named("isoinfo")
        .run(names, "-f", "-i", image)
        .succeeds()
        .out()
        .lines()
        .map(line -> line.replaceAll(";1$", ""))
        .toList();
  }

  @Test
  void xorrisoExtractsIt() throws IOException {
    Path image = image("CIDATA");
    Path out = directory.resolve("out");
    Oracle.Run run =
        Oracle.named("xorriso")
            .run(
                "-abort_on",
                "WARNING",
                "-osirrox",
                "on",
                "-indev",
                "stdio:" + image,
                "-extract",
                "/",
                out)
            .succeeds();
    assertThat(run.err()).contains("Volume id    : 'CIDATA'").doesNotContain("WARNING");
    for (var file : files().entrySet()) {
      Path path = out.resolve(file.getKey());
      assertThat(path).hasBinaryContent(file.getValue());
      assertThat(Files.getLastModifiedTime(path).toInstant()).isEqualTo(TIME);
    }
    assertThat(Files.getPosixFilePermissions(out.resolve("user-data"))).hasSize(3);
    Oracle.named("chmod").run("-R", "u+w", out).succeeds();
  }

  @Test
  void sameInputSameBytes() throws IOException {
    assertThat(Files.readAllBytes(image("A"))).isEqualTo(Files.readAllBytes(image("A")));
  }

  @Test
  void namesThatCannotBeAreRefused() throws IOException {
    IsoImage image = IsoImage.labelled("x", TIME).add("a", new byte[0]);
    for (String path :
        List.of("", "/a", "a//b", "..", "a;1", "a:b", "n".repeat(63), "1/2/3/4/5/6/7/8", "😀")) {
      assertThatThrownBy(() -> image.add(path, new byte[0]))
          .as(path)
          .isInstanceOf(FileSystemException.class);
    }
    assertThatThrownBy(() -> image.add("a", new byte[0])).isInstanceOf(FileSystemException.class);
    assertThatThrownBy(() -> image.add("a/b", new byte[0])).isInstanceOf(FileSystemException.class);
    assertThatThrownBy(() -> IsoImage.labelled("far too long a label", TIME))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
