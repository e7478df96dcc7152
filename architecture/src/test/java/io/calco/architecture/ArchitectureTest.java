package io.calco.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.GeneralCodingRules;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.lang.foreign.Linker;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.NullMarked;

@AnalyzeClasses(packages = "io.calco", importOptions = ArchitectureTest.MainClasses.class)
class ArchitectureTest {

  /// Who may use whom: what the table in docs/architecture.md says, with what follows from it. A
  /// module that is not here does not exist.
  private static final Map<String, Set<String>> MAY_USE =
      Map.ofEntries(
          Map.entry("sys", Set.of()),
          Map.entry("disk", Set.of("sys")),
          Map.entry("nbd", Set.of("disk")),
          Map.entry("ssh", Set.of()),
          Map.entry("machine", Set.of("disk", "nbd", "ssh", "sys")),
          Map.entry("volume", Set.of("disk")),
          Map.entry("fs", Set.of("disk")),
          Map.entry("guest", Set.of("volume", "fs", "disk")),
          Map.entry("store", Set.of("disk", "ssh", "sys")),
          Map.entry("backup", Set.of("volume", "fs", "store", "disk", "sys")),
          Map.entry("catalog", Set.of()),
          Map.entry(
              "engine",
              Set.of(
                  "guest", "catalog", "backup", "store", "volume", "fs", "disk", "ssh", "sys",
                  "nbd", "machine")),
          // beside the engine: the values that its API takes and gives, such as OpenPolicy and
          // VolumeKeys.
          Map.entry(
              "server", Set.of("engine", "disk", "guest", "catalog", "store", "backup", "machine")),
          Map.entry(
              "cli",
              Set.of(
                  "server", "engine", "disk", "volume", "guest", "catalog", "store", "backup",
                  "machine")),
          Map.entry("testkit", Set.of()));

  @ArchTest
  static final ArchRule arrows =
      classes().should(condition("use only what its module may use", ArchitectureTest::arrows));

  @ArchTest
  static final ArchRule noCyclesBetweenPackages =
      SlicesRuleDefinition.slices().assignedFrom(new Packages()).should().beFreeOfCycles();

  @ArchTest
  static final ArchRule nullMarked =
      classes()
          .should(
              condition(
                  "be in a package that is @NullMarked",
                  (type, events) -> {
                    if (!type.getPackage().isAnnotatedWith(NullMarked.class)) {
                      events.add(
                          SimpleConditionEvent.violated(
                              type, type.getPackageName() + " is not @NullMarked"));
                    }
                  }));

  @ArchTest
  static final ArchRule onlyTheCommandLinePrints =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.calco.cli..")
          .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS);

  @ArchTest
  static final ArchRule onlySysCallsNativeCode =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.calco.sys..")
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(Linker.class);

  @ArchTest
  static final ArchRule namesSayWhatIsThere =
      noClasses()
          .should()
          .resideInAnyPackage("..util..", "..common..", "..manager..", "..helper..", "..impl..");

  private static void arrows(JavaClass type, ConditionEvents events) {
    String from = module(type);
    Set<String> allowed = MAY_USE.get(from);
    if (allowed == null) {
      events.add(
          SimpleConditionEvent.violated(type, type.getName() + " is in no module of the table"));
      return;
    }
    for (var dependency : type.getDirectDependenciesFromSelf()) {
      JavaClass target = dependency.getTargetClass();
      if (ours(target) && !module(target).equals(from) && !allowed.contains(module(target))) {
        events.add(SimpleConditionEvent.violated(type, dependency.getDescription()));
      }
    }
  }

  private static boolean ours(JavaClass type) {
    return type.getPackageName().startsWith("io.calco.");
  }

  private static String module(JavaClass type) {
    return type.getPackageName().split("\\.")[2];
  }

  private static ArchCondition<JavaClass> condition(String description, Check check) {
    return new ArchCondition<>(description) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        check.check(type, events);
      }
    };
  }

  private interface Check {
    void check(JavaClass type, ConditionEvents events);
  }

  /// Each package is a slice of its own.
  private static final class Packages implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      return ours(type) ? SliceIdentifier.of(type.getPackageName()) : SliceIdentifier.ignore();
    }

    @Override
    public String getDescription() {
      return "packages";
    }
  }

  /// Leaves out the tests' classes, in a directory or a test-jar.
  static final class MainClasses implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("test-classes") && !location.contains("-tests.jar");
    }
  }
}
