package io.calco.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.DemoDisk;
import io.calco.testkit.Oracle;
import io.calco.testkit.Shared;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Each example, run from its source as its README says, on the demo's disk.
class ExamplesTest {
  private static final int LINES = 60;

  @TempDir private Path work;
  private Path vm = Path.of("");

  @BeforeEach
  void unpack() throws IOException {
    vm = work.resolve("vm.qcow2");
    DemoDisk.unpack(vm);
  }

  @Test
  void readsAFileOfAnImageInAnyFormatAndWrapper() throws IOException {
    Path vmdk = work.resolve("vm.vmdk");
    Oracle.named("qemu-img").run("convert", "-O", "vmdk", vm, vmdk).succeeds();
    Oracle.named("xz").run(vmdk).succeeds();

    assertThat(run("ReadFile", vm, "/etc/hostname").succeeds().out()).isEqualTo("maqueta\n");
    assertThat(run("ReadFile", work.resolve("vm.vmdk.xz"), "/etc/hostname").succeeds().out())
        .isEqualTo("maqueta\n");
    run("ReadFile", vm, "/etc/no-such-file").exits(1).says("/etc/no-such-file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"raw", "qcow2", "vmdk", "vpc"})
  void convertsWithProgress(String format) {
    Path made = work.resolve("made");

    Oracle.Run run = run("Convert", vm, made, format).succeeds();

    assertThat(run.out()).startsWith("\rconverting: ").endsWith("\rconverting: 100 %\n");
    Oracle.named("qemu-img").run("compare", "-F", format, vm, made).succeeds();
  }

  @Test
  void writesToAnOverlayAndLeavesItsBase() throws IOException {
    byte[] before = Files.readAllBytes(vm);
    Path overlay = work.resolve("changes.qcow2");
    Path seen = work.resolve("seen.img");

    run("Overlay", vm, "changes.qcow2").succeeds().says("changes.qcow2: qcow2").says("vm.qcow2: ");

    assertThat(vm).hasBinaryContent(before);
    Oracle.named("qemu-img").run("check", overlay).succeeds();
    Oracle.named("qemu-img").run("convert", "-O", "raw", overlay, seen).succeeds();
    byte[] last =
        Oracle.named("tail")
            .run("-c", "512", seen)
            .succeeds()
            .out()
            .getBytes(StandardCharsets.UTF_8);
    assertThat(new String(last, StandardCharsets.UTF_8)).startsWith("written by an example\0");
  }

  @Test
  void walksAGuestsFiles() throws IOException {
    assertThat(run("WalkFiles", vm, "/etc/ssh").succeeds().out())
        .startsWith("rw------- 505 /etc/ssh/ssh_host_ecdsa_key\n")
        .endsWith("rw-r--r-- 49 /etc/ssh/sshd_config\n");
  }

  @Test
  void areShort() throws IOException {
    try (Stream<Path> programs = Files.list(directory())) {
      assertThat(programs.filter(file -> file.toString().endsWith(".java")).toList())
          .hasSize(4)
          .allSatisfy(file -> assertThat(Files.readAllLines(file)).hasSizeLessThanOrEqualTo(LINES));
    }
  }

  private static Path directory() {
    return Shared.repository().resolve("examples");
  }

  private static Oracle.Run run(String program, Object... arguments) {
    List<Object> words = new ArrayList<>();
    words.addAll(List.of("-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
    words.addAll(List.of("-cp", classPath(), directory().resolve(program + ".java")));
    words.addAll(Arrays.asList(arguments));
    return new Oracle(Path.of(System.getProperty("java.home"), "bin", "java"), "java")
        .run(words.toArray());
  }

  /// Without the programs themselves: java runs a source only where no class has its name.
  private static String classPath() {
    String all =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return Arrays.stream(all.split(":", -1))
        .filter(entry -> !Files.exists(Path.of(entry, "ReadFile.class")))
        .collect(Collectors.joining(":"));
  }
}
