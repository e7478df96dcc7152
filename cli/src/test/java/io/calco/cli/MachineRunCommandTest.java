package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `machine run`, with a system of one sector: it says a word on the serial port, copies its sector
/// to the next one and switches the machine off.
@Timeout(300)
class MachineRunCommandTest {
  private static final int SECTOR = 512;
  private static final int TEXT = 0x60;
  private static final String PROGRAM =
      "31c08ed88ec0be607cac84c07409b401ba0000cd14ebf2" // the text by INT 14h
          + "b80103bb007cb90200ba8000cd13" // itself to the second sector by INT 13h
          + "ba0406b80020efebfe"; // off by ACPI

  @TempDir private Path directory;
  private Path raw = Path.of("disk.raw");
  private byte[] before = new byte[0];

  @BeforeEach
  void make() throws IOException {
    Oracle.named("qemu-system-x86_64");
    byte[] sector = new byte[SECTOR];
    byte[] program = HexFormat.of().parseHex(PROGRAM);
    byte[] text = "calco is up\0".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(program, 0, sector, 0, program.length);
    System.arraycopy(text, 0, sector, TEXT, text.length);
    sector[510] = 0x55;
    sector[511] = (byte) 0xaa;
    before = Arrays.copyOf(sector, 1 << 20);
    raw = Files.write(directory.resolve("disk.raw"), before);
  }

  /// Runs a machine to its end.
  ///
  /// @return what its serial port said
  private String run(Object... words) throws Exception {
    List<Object> all = new ArrayList<>(List.of("machine", "run", "--accelerator", "tcg"));
    all.addAll(List.of("--memory", "64M", "--bus", "sata"));
    all.addAll(List.of(words));
    Process process = Command.listening(directory.resolve("remarks"), Map.of(), all.toArray());
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor())
        .as(Files.readString(directory.resolve("remarks")))
        .isEqualTo(ExitCode.DONE);
    return said;
  }

  private byte[] seen(Path image) throws IOException {
    Path flat = directory.resolve("flat");
    Oracle.named("qemu-img").run("convert", "-O", "raw", image, flat).succeeds();
    return Files.readAllBytes(flat);
  }

  private byte[] written() {
    byte[] after = before.clone();
    System.arraycopy(before, 0, after, SECTOR, SECTOR);
    return after;
  }

  @Test
  void whatItWritesIsThrownAway() throws Exception {
    assertThat(run(raw)).contains("calco is up");
    assertThat(Files.readAllBytes(raw)).isEqualTo(before);
    assertThat(Files.readString(directory.resolve("remarks")))
        .contains("emulated", "is thrown away");
  }

  @Test
  void whatItWritesIsKeptWhereItIsTold() throws Exception {
    Path overlay = directory.resolve("work.qcow2");
    assertThat(run("--keep", overlay, raw)).contains("calco is up");
    assertThat(Files.readAllBytes(raw)).isEqualTo(before);
    assertThat(seen(overlay)).isEqualTo(written());
    assertThat(run("--keep", overlay, raw)).contains("calco is up");
    assertThat(seen(overlay)).isEqualTo(written());

    Path other = Files.write(directory.resolve("other.raw"), new byte[2 << 20]);
    assertThat(calco("machine", "run", "--keep", overlay, other).exits(ExitCode.REFUSED).err())
        .contains("another disk's overlay");
  }

  @Test
  void restorePointsRun() throws Exception {
    Path repository = directory.resolve("repository");
    calco("repo", "init", repository).exits(0);
    calco(
            "backup",
            "create",
            "--repo",
            repository,
            "--raw",
            "--machine",
            "web1",
            "--no-inspect",
            raw)
        .exits(0);
    assertThat(run("--repo", repository, "web1@latest")).contains("calco is up");
  }

  @Test
  void wordsThatCannotBeMeantAreRefused() {
    Path home = directory.resolve("home");
    assertThat(calco("machine", "run", "--home", home, "nothing").exits(ExitCode.NOT_FOUND).err())
        .contains("neither a file nor a template");
    calco("machine", "run", "--port-forward", "ssh", raw).exits(ExitCode.USAGE);
    calco("machine", "run", "--memory", "1M", raw).exits(ExitCode.USAGE);
    calco("machine", "run", "--accelerator", "magic", raw).exits(ExitCode.USAGE);
  }
}
