package io.calco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.LibvirtServer;
import io.calco.testkit.Oracle;
import io.calco.testkit.Shared;
import io.calco.testkit.SshServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The guides stay true: the lines `$ ./calco …` of each guide's blocks are run one after another
/// on the demo's disk.
///
/// - Those of ` ```console demo ` succeed; what they print stands there as it was on another disk.
/// - Those of ` ```console exact ` print what stands there, refusals too. There `…` is any text
///   and, alone on its line, any lines; how much room a file takes is the file system's to say.
/// - Blocks that are only ` ```console ` need another machine.
///
/// The SSH server that is called `sftp://ana@nas` there is one of the test's own, and so is the
/// libvirt of those that speak of machines.
///
/// What follows a ` | ` is for other programs and left out, and the answer is not looked at then.
class GuideTest {
  private static final String PROMPT = "$ ./calco ";
  private static final String NAS = "sftp://ana@nas";

  /// What was found true: many guides say the same in two languages.
  private static final Set<List<Step>> TRUE = new HashSet<>();

  @TempDir private static Path files;

  @TempDir private Path work;

  @TempDir private Path hosts;

  /// The reader's own, which holds `.ssh`.
  @TempDir private Path user;

  @BeforeAll
  static void layOut() throws IOException {
    GuideFiles.layOut(files);
  }

  static List<String> guides() throws IOException {
    List<String> guides = new ArrayList<>();
    for (String directory : List.of("docs/guide", "docs/guia")) {
      try (Stream<Path> files = Files.list(Shared.repository().resolve(directory))) {
        files.map(file -> directory + "/" + file.getFileName()).sorted().forEach(guides::add);
      }
    }
    return guides;
  }

  @ParameterizedTest
  @MethodSource("guides")
  void saysWhatWorks(String guide) throws IOException {
    Path home = work.resolve("home");
    List<Step> steps = steps(Files.readAllLines(Shared.repository().resolve(guide)));
    if (TRUE.contains(steps)) {
      return;
    }
    boolean far = steps.stream().anyMatch(step -> step.command().contains(NAS));
    boolean machines =
        steps.stream().anyMatch(step -> step.command().matches("(machine|class) .*"));
    try (SshServer sshd =
            far ? SshServer.start(Files.createDirectory(user.resolve(".ssh"))) : null;
        LibvirtServer libvirt = machines ? LibvirtServer.start(hosts) : null) {
      String nas =
          sshd == null ? NAS : "sftp://%s@127.0.0.1:%d%s".formatted(sshd.user(), sshd.port(), work);
      Map<String, String> settings =
          libvirt == null
              ? Map.of("CALCO_HOME", home.toString())
              : Map.of(
                  "CALCO_HOME",
                  home.toString(),
                  "LIBVIRT_DEFAULT_URI",
                  libvirt.uri(),
                  "CALCO_ACCELERATOR",
                  "tcg");
      saysWhatWorks(steps, home, nas, settings);
    }
    TRUE.add(steps);
  }

  /// @param nas the address of what the guides call [#NAS]
  private void saysWhatWorks(List<Step> steps, Path home, String nas, Map<String, String> settings)
      throws IOException {
    List<String> commands =
        steps.stream()
            .map(
                step -> step.command().replace("/var/lib/calco", home.toString()).replace(NAS, nas))
            .toList();
    assertThat(commands)
        .isNotEmpty()
        .noneMatch(command -> command.replace(" \"\" ", " ").matches(".*['\"\\\\$~].*"));
    Oracle.named("cp").run("-R", files + "/.", work).succeeds();
    Files.write(work.resolve("commands"), commands);

    run(settings).succeeds();
    unseal(work);

    for (int i = 0; i < steps.size(); i++) {
      String[] answer = Files.readString(work.resolve("answer-" + i)).split("\n", 2);
      steps.get(i).check(Integer.parseInt(answer[0]), told(answer[1], home, nas));
    }
  }

  /// What was printed, with the places that the guides name, and without the progress that a slow
  /// machine shows.
  private String told(String printed, Path home, String nas) {
    return printed
        .replaceAll("(?m)^[a-z ]+: \\d+ %, .* left\n", "")
        .replace(nas, NAS)
        .replace(home.toString(), "/var/lib/calco")
        .replace(work.toString(), "/home/ana");
  }

  private Oracle.Run run(Map<String, String> settings) {
    return Oracle.named("env")
        .run(
            settings,
            "-C",
            work,
            Path.of(System.getProperty("java.home"), "bin/java"),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Duser.home=" + user,
            "-Dslf4j.provider=org.slf4j.nop.NOPServiceProvider", // as Main has it
            "-Dslf4j.internal.verbosity=WARN",
            "-cp",
            System.getProperty("java.class.path"),
            GuideSession.class.getName(),
            "commands");
  }

  private static List<Step> steps(List<String> guide) {
    List<Step> steps = new ArrayList<>();
    String block = "";
    for (String line : guide) {
      if (line.startsWith("```")) {
        block = line;
      } else if (line.startsWith("$ ") && isRun(block)) {
        steps.add(new Step(line, block.endsWith("exact"), new ArrayList<>()));
      } else if (isRun(block)) {
        steps.getLast().answer.add(line);
      }
    }
    steps.removeIf(step -> !step.line.startsWith(PROMPT));
    return steps;
  }

  private static boolean isRun(String block) {
    return block.equals("```console demo") || block.equals("```console exact");
  }

  /// A command of a guide, and what stands below it.
  private record Step(String line, boolean exact, List<String> answer) {
    String command() {
      return line.substring(PROMPT.length()).replaceFirst(" \\| .*", "");
    }

    void check(int exit, String printed) {
      if (!exact) {
        assertThat(exit).as("%s:\n%s", line, printed).isZero();
      } else if (!line.contains(" | ")) {
        assertThat(hostless(printed)).as(line).matches(pattern());
      }
    }

    private Pattern pattern() {
      return Pattern.compile(
          answer.stream()
              .map(text ->
                  text.equals("…")
                      ? "(?:.*\n)*"
                      : quote(hostless(text)).replace("…", "\\E.*\\Q") + "\n")
              .collect(Collectors.joining()));
    }

    private static String quote(String text) {
      return "\\Q" + text + "\\E";
    }

    private static String hostless(String text) {
      return text.replaceAll("(disk size: ).*", "$1");
    }
  }

  /// An immutable file would outlive the directory.
  private static void unseal(Path directory) {
    Oracle.find("chattr").ifPresent(chattr -> chattr.run("-R", "-f", "-i", directory));
  }
}
