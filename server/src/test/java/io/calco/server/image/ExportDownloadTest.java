package io.calco.server.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.DemoDisk;
import io.calco.server.Served;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Downloads in other formats, by curl.
class ExportDownloadTest {
  @TempDir Path dir;
  private Served served;
  private String token;
  private Path disk;

  @BeforeEach
  void serve() throws IOException {
    disk = dir.resolve("demo.qcow2");
    DemoDisk.unpack(disk);
    served = new Served(dir.resolve("home"));
    token = served.token("admin", Served.PASSWORD, "admin");
    String made =
        served
            .send(
                "POST",
                "/v2/images",
                token,
                "{\"name\": \"debian:12\", \"disk_format\": \"qcow2\", \"container_format\": \"bare\"}")
            .body();
    String id = made.replaceFirst("(?s).*\"id\":\\s*\"([0-9a-f-]{36})\".*", "$1");
    assertThat(
            curl(
                    "-X",
                    "PUT",
                    "-H",
                    "Content-Type: application/octet-stream",
                    "-T",
                    disk,
                    "-w",
                    "%{http_code}",
                    served.address() + "/v2/images/" + id + "/file")
                .out())
        .isEqualTo("204");
  }

  @AfterEach
  void stop() throws IOException {
    served.close();
  }

  private Oracle.Run curl(Object... words) {
    List<Object> all = new ArrayList<>(List.of("-sS", "-H", "X-Auth-Token: " + token));
    all.addAll(Arrays.asList(words));
    return Oracle.named("curl").run(all.toArray()).succeeds();
  }

  private String file(String query) {
    return served.address() + "/v2/images/debian:latest/file?" + query;
  }

  private static String header(Path headers, String name) throws IOException {
    return Files.readAllLines(headers).stream()
        .filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElse("");
  }

  @Test
  void wholeAndInParts() throws IOException {
    Path headers = dir.resolve("headers");
    Path whole = dir.resolve("whole.vmdk");
    curl("-D", headers, "-o", whole, file("format=vmdk"));
    assertThat(header(headers, "content-length")).isEqualTo(String.valueOf(Files.size(whole)));
    assertThat(header(headers, "content-disposition"))
        .isEqualTo("attachment; filename=\"debian-12.vmdk\"");
    assertThat(header(headers, "accept-ranges")).isEqualTo("bytes");
    String tag = header(headers, "etag");
    assertThat(tag).matches("\"[0-9a-f]{32}\"");
    Oracle.named("qemu-img").run("check", "-f", "vmdk", whole).succeeds();
    Oracle.named("qemu-img").run("compare", "-f", "qcow2", "-F", "vmdk", disk, whole).succeeds();

    Path resumed = dir.resolve("resumed.vmdk");
    byte[] bytes = Files.readAllBytes(whole);
    Files.write(resumed, Arrays.copyOf(bytes, bytes.length / 3));
    curl("-C", "-", "-o", resumed, "-H", "If-Range: " + tag, file("format=vmdk"));
    assertThat(Files.mismatch(whole, resumed)).isEqualTo(-1);

    Path part = dir.resolve("part");
    curl("-D", headers, "-r", "100-199", "-o", part, file("format=vmdk"));
    assertThat(header(headers, "content-range")).isEqualTo("bytes 100-199/" + bytes.length);
    assertThat(Files.readAllBytes(part)).isEqualTo(Arrays.copyOfRange(bytes, 100, 200));
    assertThat(
            curl(
                    "-r",
                    "100-199",
                    "-H",
                    "If-Range: \"other\"",
                    "-o",
                    part,
                    "-w",
                    "%{http_code}",
                    file("format=vmdk"))
                .out())
        .isEqualTo("200");
    assertThat(Files.mismatch(whole, part)).isEqualTo(-1);
    assertThat(curl("-H", "If-None-Match: " + tag, "-w", "%{http_code}", file("format=vmdk")).out())
        .isEqualTo("304");
    assertThat(
            curl(
                    "-r",
                    bytes.length + "-",
                    "-o",
                    "/dev/null",
                    "-w",
                    "%{http_code}",
                    file("format=vmdk"))
                .out())
        .isEqualTo("416");
    curl("-D", headers, "-o", part, file("format=vdi"));
    assertThat(header(headers, "etag")).isNotEqualTo(tag);
  }

  @Test
  void packedAndRefused() throws IOException {
    Path packed = dir.resolve("x.qcow2.zst");
    curl("-o", packed, file("format=qcow2&compression=zst"));
    Oracle.named("zstd").run("-q", "-d", packed).succeeds();
    assertThat(Files.mismatch(disk, dir.resolve("x.qcow2"))).isEqualTo(-1);
    for (String query : List.of("format=exe", "compression=rar", "format=vmdk&subformat=none")) {
      assertThat(curl("-o", "/dev/null", "-w", "%{http_code}", file(query)).out())
          .as(query)
          .isEqualTo("400");
    }
    assertThat(
            Oracle.named("curl")
                .run("-sS", "-o", "/dev/null", "-w", "%{http_code}", file("format=vmdk"))
                .out())
        .isEqualTo("401");
  }
}
