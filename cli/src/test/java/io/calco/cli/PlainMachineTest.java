package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.DemoDisk;
import io.calco.sys.ProcessMark;
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
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Machines of QEMU alone. The guest is a sector that says on its serial port what it hears there.
@Timeout(600)
class PlainMachineTest {
  private static final String ECHO = "31d2b402cd14f6c48075f7b401cd14ebf1";

  @TempDir private Path directory;
  private Path home = Path.of("home");
  private Path raw = Path.of("disk.raw");

  @BeforeEach
  void make() throws IOException {
    Oracle.named("qemu-system-x86_64");
    home = directory.resolve("home");
    byte[] disk = Arrays.copyOf(HexFormat.of().parseHex(ECHO), 1 << 20);
    disk[510] = 0x55;
    disk[511] = (byte) 0xaa;
    raw = Files.write(directory.resolve("disk.raw"), disk);
  }

  @AfterEach
  void end() throws IOException {
    if (Files.isDirectory(home.resolve("machines"))) {
      for (JsonNode machine : json("machine", "list")) {
        machine("stop", machine.get("name").asString(), "--force");
      }
    }
    Command.unlock(directory);
  }

  private Object[] words(Object... words) {
    List<Object> all = new ArrayList<>(List.of("machine"));
    all.addAll(Arrays.asList(words));
    all.addAll(List.of("--home", home, "--connect", "qemu:plain"));
    return all.toArray();
  }

  private Command.Answer machine(Object... words) {
    return calco(words(words));
  }

  private JsonNode json(String... words) {
    List<Object> all = new ArrayList<>(List.of((Object[]) words));
    all.addAll(List.of("--output", "json", "--home", home, "--connect", "qemu:plain"));
    return new ObjectMapper().readTree(calco(all.toArray()).exits(0).out());
  }

  private Command.Answer define(Path disk, String name, Object... more) {
    List<Object> all = new ArrayList<>(List.of("define", disk, "--name", name));
    all.addAll(List.of("--memory", "64M", "--accelerator", "tcg"));
    all.addAll(Arrays.asList(more));
    return machine(all.toArray());
  }

  private String state(String name) {
    return json("machine", "show", name).get("state").asString();
  }

  private Optional<ProcessHandle> process(String name) throws IOException {
    ProcessMark mark =
        ProcessMark.parse(Files.readString(home.resolve("machines/" + name + "/process")))
            .orElseThrow();
    return ProcessHandle.of(mark.pid()).filter(ProcessHandle::isAlive);
  }

  @Test
  void aMachineOutlivesItsCommands() throws Exception {
    define(raw, "vm", "-f", "raw", "--start").exits(0);
    assertThat(state("vm")).isEqualTo("running");
    assertThat(process("vm").orElseThrow().info().commandLine().orElse("qemu")).contains("qemu");
    machine("start", "vm").exits(ExitCode.REFUSED);
    machine("delete", "vm", "--yes").exits(ExitCode.REFUSED);
    machine("rename", "vm", "other").exits(ExitCode.REFUSED);

    Path picture = directory.resolve("screen.png");
    machine("screenshot", "vm", picture).exits(0);
    assertThat(ImageIO.read(picture.toFile()).getWidth())
        .as("before the firmware, after it")
        .isIn(640, 720);
    requireEcho("vm");
    assertThat(machine("stop", "vm", "--wait", "--timeout", "1s").exits(ExitCode.NO).err())
        .as("the guest knows no power button")
        .contains("vm: running");
    assertThat(machine("stop", "vm", "--force").exits(0).err()).contains("vm: shut off");
    assertThat(process("vm")).isEmpty();

    machine("rename", "vm", "other").exits(0);
    JsonNode other = json("machine", "show", "other");
    assertThat(other.get("disks").get(0).get("file").asString()).isEqualTo(raw.toString());
    assertThat(machine("show", "other", "--xml").exits(0).out()).contains("\"name\" : \"other\"");
    machine("start", "other").exits(0);
    machine("stop", "other", "--force").exits(0);
    machine("delete", "other", "--yes").exits(0);
    assertThat(raw).doesNotExist();
    assertThat(json("machine", "list")).isEmpty();
  }

  @Test
  void aRecordIsEdited() throws IOException {
    define(raw, "vm", "-f", "raw").exits(0);
    String before = machine("show", "vm", "--xml").exits(0).out();
    Path changed = directory.resolve("changed.json");
    Files.writeString(changed, before.replace(": 64", ": 96"));
    machine("edit", "vm", "--file", changed).exits(0);
    assertThat(json("machine", "show", "vm").get("memory").asLong()).isEqualTo(96 << 20);
    String now = machine("show", "vm", "--xml").exits(0).out();
    for (String wrong :
        List.of("", "{}", now.replace("\"vm\"", "\"other\""), now.replace(": 96", ": -1"))) {
      Files.writeString(changed, wrong);
      assertThat(machine("edit", "vm", "--file", changed).exit()).as(wrong).isIn(2, 4);
      assertThat(machine("show", "vm", "--xml").exits(0).out()).isEqualTo(now);
    }
  }

  /// What is typed comes back, once the firmware has gone through.
  private void requireEcho(String name) throws Exception {
    Process console =
        Command.listening(directory.resolve("remarks"), Map.of(), words("console", name));
    StringBuilder heard = new StringBuilder();
    Thread typist =
        Thread.ofVirtual()
            .start(() -> {
              try (var to = console.getOutputStream()) {
                while (console.isAlive()) {
                  to.write("calco ".getBytes(StandardCharsets.US_ASCII));
                  to.flush();
                  Thread.sleep(200);
                }
              } catch (IOException | InterruptedException e) {
                // The console was closed.
              }
            });
    try (var in = console.getInputStream()) {
      byte[] piece = new byte[256];
      for (int count = in.read(piece);
          count >= 0 && !heard.toString().contains("calco");
          count = in.read(piece)) {
        heard.append(new String(piece, 0, count, StandardCharsets.ISO_8859_1));
      }
      assertThat(machine("console", name).exits(ExitCode.REFUSED).err())
          .contains("somebody talks to machine vm already");
    } finally {
      typist.interrupt();
      console.destroyForcibly().waitFor();
    }
    assertThat(heard).contains("calco");
  }

  @Test
  void whatIsLeftOfADeadMachineIsNotTakenForIt() throws Exception {
    define(raw, "vm", "-f", "raw", "--start").exits(0);
    process("vm").orElseThrow().destroyForcibly();
    Optional<ProcessHandle> dying = process("vm");
    if (dying.isPresent()) {
      dying.get().onExit().get(5, TimeUnit.MINUTES);
    }
    assertThat(state("vm")).isEqualTo("shut-off");
    ProcessMark self = ProcessMark.self();
    ProcessMark reused = new ProcessMark(self.host(), self.pid(), self.start() + 1);
    Path mark = home.resolve("machines/vm/process");
    Files.writeString(mark, reused.toString());
    assertThat(state("vm")).as("its number is another process's").isEqualTo("shut-off");
    Files.writeString(mark, self.toString());
    assertThat(state("vm")).as("nobody listens").isEqualTo("shut-off");
    machine("start", "vm").exits(0);
    assertThat(state("vm")).isEqualTo("running");
  }

  @Test
  void theCatalogueIsKeptInSight() throws IOException {
    Path disk = directory.resolve("vm.qcow2");
    DemoDisk.unpack(disk);
    calco("template", "create", disk, "--name", "demo", "--home", home).exits(0);
    calco("clone", "create", "demo", "web1", "--home", home).exits(0);
    Path clone = home.resolve("pool/web1.qcow2");
    define(clone, "web1", "--network", "none").exits(0);
    assertThat(machine("list").exits(0).out()).contains("web1", "shut off", "qemu", "clone web1");
    assertThat(define(clone, "web2").exits(ExitCode.REFUSED).err())
        .contains("machine web1 has it already");
    define(raw, "web1", "-f", "raw").exits(ExitCode.REFUSED);
    define(raw, "net", "-f", "raw", "--network", "default").exits(ExitCode.UNSUPPORTED);
    define(raw, "a/b", "-f", "raw").exits(ExitCode.USAGE);
    Path sealed =
        Path.of(
            new ObjectMapper()
                .readTree(
                    calco("template", "show", "demo", "--output", "json", "--home", home)
                        .exits(0)
                        .out())
                .get("disk")
                .asString());
    assertThat(define(sealed, "t").exits(ExitCode.REFUSED).err()).contains("sealed disk");
    machine("start", "web1").exits(0);
    assertThat(home.resolve("machines/web1/firmware.fd")).as("it starts by UEFI").exists();
    machine("stop", "web1", "--force").exits(0);
    machine("delete", "web1", "--yes").exits(0);
    assertThat(clone).doesNotExist();
    assertThat(calco("clone", "list", "--names", "--home", home).exits(0).out()).isEmpty();
  }
}
