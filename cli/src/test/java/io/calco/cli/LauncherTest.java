package io.calco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import io.calco.testkit.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The script `calco`, in a small tree of its own with a Maven that only copies a jar.
class LauncherTest {
  private static final String MAIN =
      """
      package io.calco.cli;

      public final class Main {
        public static void main(String[] args) {
          for (String arg : args) {
            System.out.println("<" + arg + ">");
          }
          System.exit(args.length == 0 ? 0 : args[0].length());
        }
      }
      """;
  private static final String TRAINING =
      """
      package io.calco.cli;

      final class Training {
        public static void main(String[] args) {}
      }
      """;
  private static final String MAVEN =
      """
      #!/bin/sh
      echo built >>"$FAKE/builds"
      sleep 0.2
      if [ -e "$FAKE/broken" ]; then
        echo 'Main.java:1: cannot find symbol'
        exit 1
      fi
      mkdir -p cli/target/quick/lib
      cp "$JAR" cli/target/quick/calco-cli-1.jar
      cp "$JAR" cli/target/quick/lib/other.jar
      """;

  /// What does not change between tests: the Maven, its jar, and a tree that is built.
  @TempDir private static Path common;

  @TempDir private Path temporary;
  private final Map<String, String> environment = new HashMap<>();
  private final Oracle env = Oracle.named("env");

  private Path tree() {
    return temporary.resolve("a tree's home");
  }

  private Path source() {
    return tree().resolve("cli/src/main/java/Source.java");
  }

  private Path launcher() {
    return tree().resolve("target/launcher");
  }

  private Path broken() {
    return temporary.resolve("broken");
  }

  @BeforeAll
  static void layOut() throws IOException {
    Path tree = common.resolve("tree");
    Path repository = Shared.repository();
    Path source = tree.resolve("cli/src/main/java/Source.java");
    Files.createDirectories(source.getParent());
    Files.createDirectories(tree.resolve(".mvn"));
    Files.copy(repository.resolve("calco"), tree.resolve("calco"));
    Files.copy(repository.resolve(".mvn/toolchain.sh"), tree.resolve(".mvn/toolchain.sh"));
    Files.writeString(source, "");
    Files.writeString(tree.resolve("pom.xml"), "");
    Files.writeString(tree.resolve("cli/TRAINING"), "");
    makeJar();
    Path maven = common.resolve("mvn");
    Files.writeString(maven, MAVEN);
    assertThat(maven.toFile().setExecutable(true)).isTrue();
    new Oracle(tree.resolve("calco"), "calco").run(environment(common)).succeeds();
  }

  private static Map<String, String> environment(Path fake) {
    return Map.of(
        "FAKE",
        fake.toString(),
        "JAR",
        common.resolve("app.jar").toString(),
        "PATH",
        common + ":" + System.getenv("PATH"),
        "CALCO_JAVA_HOME",
        System.getProperty("java.home"));
  }

  private static void makeJar() throws IOException {
    Path sources = Files.createDirectories(common.resolve("io/calco/cli"));
    Files.writeString(sources.resolve("Main.java"), MAIN);
    Files.writeString(sources.resolve("Training.java"), TRAINING);
    String main = sources.resolve("Main.java").toString();
    String training = sources.resolve("Training.java").toString();
    int compiled = ToolProvider.getSystemJavaCompiler().run(null, null, null, main, training);
    assertThat(compiled).isZero();
    try (var jar = new JarOutputStream(Files.newOutputStream(common.resolve("app.jar")))) {
      for (String name : List.of("Main.class", "Training.class")) {
        jar.putNextEntry(new JarEntry("io/calco/cli/" + name));
        jar.write(Files.readAllBytes(sources.resolve(name)));
      }
    }
  }

  @BeforeEach
  void copy() {
    Oracle.named("cp").run("-a", common.resolve("tree"), tree()).succeeds();
    environment.putAll(environment(temporary));
  }

  private void forgetBuild() {
    Oracle.named("rm").run("-r", launcher()).succeeds();
  }

  private Oracle.Run calco(Object... arguments) {
    return call(tree().resolve("calco"), arguments);
  }

  private Oracle.Run call(Path script, Object... arguments) {
    List<Object> words = new ArrayList<>(List.of(script));
    words.addAll(List.of(arguments));
    return env.run(environment, words.toArray());
  }

  private long builds() throws IOException {
    Path builds = temporary.resolve("builds");
    return Files.exists(builds) ? Files.readAllLines(builds).size() : 0;
  }

  @Test
  void passesArgumentsAndExitCodeAsTheyAre() {
    Oracle.Run run = calco("thr", "a b", "", "*", "$HOME", "'\"\\", "-h");

    run.exits(3);
    assertThat(run.out()).isEqualTo("<thr>\n<a b>\n<>\n<*>\n<$HOME>\n<'\"\\>\n<-h>\n");
    assertThat(calco().succeeds().out()).isEmpty();
  }

  @Test
  void saysThatItBuildsOnStandardErrorAndDoesItOnce() throws IOException {
    forgetBuild();
    Oracle.Run first = calco("x").exits(1);
    Oracle.Run second = calco("x").exits(1);

    assertThat(first.err()).startsWith("calco: building with ").hasLineCount(1);
    assertThat(first.out()).isEqualTo("<x>\n");
    assertThat(second.err()).isEmpty();
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  void buildsAnewWhenASourceChangedOrWentOrCame() throws IOException {
    Files.writeString(source(), "changed");
    calco();
    assertThat(builds()).isEqualTo(1);
    Files.delete(source());
    calco();
    assertThat(builds()).isEqualTo(2);
    calco();
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  void runsTheLastBuildWhereAskedTo() throws IOException {
    Files.writeString(source(), "changed");
    environment.put("CALCO_NO_BUILD", "1");

    calco("x").exits(1);

    assertThat(builds()).isEqualTo(0);
  }

  @Test
  void worksThroughLinksAndFromAnywhere() throws IOException {
    Path bin = Files.createDirectories(temporary.resolve("bin"));
    Path near = Files.createSymbolicLink(bin.resolve("near"), tree().resolve("calco"));
    Path far = Files.createSymbolicLink(bin.resolve("far"), Path.of("near"));

    call(near, "x").exits(1);
    call(far, "xy").exits(2);
    environment.put("PATH", bin + ":" + environment.get("PATH"));
    env.run(environment, "-C", "/", "far", "xyz").exits(3);
    env.run(environment, "-C", tree(), "sh", "calco", "xyz").exits(3);
    env.run(environment, "-C", tree().resolve("cli"), "../calco", "x").exits(1);

    assertThat(builds()).isEqualTo(0);
  }

  @Test
  void runsFromAnotherPlaceAfterTheTreeWasMoved() throws IOException {
    Path moved = Files.move(tree(), temporary.resolve("moved"));

    call(moved.resolve("calco"), "x").exits(1);

    assertThat(builds()).isEqualTo(0);
  }

  @Test
  void buildsOnceForAllWhoStartTogether() throws Exception {
    forgetBuild();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Oracle.Run> start = () -> calco("x");
      for (Future<Oracle.Run> run : threads.invokeAll(List.of(start, start, start))) {
        run.get().exits(1);
        assertThat(run.get().out()).isEqualTo("<x>\n");
      }
    }
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  void aBuildThatFailsShowsItsLogAndLeavesNothing() throws IOException {
    forgetBuild();
    Files.createFile(broken());

    Oracle.Run run = calco("x").exits(69);

    run.says("cannot find symbol").says("calco: the build failed");
    assertThat(run.out()).isEmpty();
    assertThat(launcher().resolve("launch")).doesNotExist();
    Files.delete(broken());
    calco("x").exits(1);
  }

  @Test
  void aCacheThatIsNoGoodCostsTimeAndNothingElse() throws IOException {
    try (var files = Files.walk(launcher())) {
      Path cache = files.filter(path -> path.endsWith("files.aot")).findFirst().orElseThrow();
      Files.writeString(cache, "not a cache");
    }

    Oracle.Run run = calco("x").exits(1);

    assertThat(run.out()).isEqualTo("<x>\n");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void refusesAJdkThatIsTooOld() throws IOException {
    Path old = temporary.resolve("jdk");
    Files.createDirectories(old.resolve("bin"));
    Files.writeString(old.resolve("release"), "JAVA_VERSION=\"17.0.15\"\n");
    Path javac = Files.createFile(old.resolve("bin/javac"));
    assertThat(javac.toFile().setExecutable(true)).isTrue();
    environment.put("CALCO_JAVA_HOME", old.toString());

    Oracle.Run run = calco("x").exits(69);

    assertThat(run.err()).hasLineCount(1).contains("not a JDK 25");
  }
}
