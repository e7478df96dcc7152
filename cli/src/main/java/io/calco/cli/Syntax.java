package io.calco.cli;

import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// The words that a command understands; each of them then holds what was given.
///
/// picocli parses them and prints the help. They are declared by its programming interface, as its
/// annotations take 35 ms to read at every start (docs/decisions/0002-picocli.md). The names of an
/// option stand in one string: `-O, --target-format`. Texts may hold picocli's `${DEFAULT-VALUE}`
/// and `${COMPLETION-CANDIDATES}`.
final class Syntax {
  private static final String VERSION = "calco " + Calco.VERSION;

  private final CommandSpec spec;
  private final List<ArgSpec> declared = new ArrayList<>();
  private final List<ArgGroupSpec> groups = new ArrayList<>();
  private int positions;

  /// What a command may be given.
  sealed interface Word {
    ArgSpec spec();
  }

  /// An option without a value.
  record Flag(OptionSpec spec) implements Word {
    boolean given() {
      return Boolean.TRUE.equals(spec.getValue());
    }
  }

  /// One value.
  record Value<T>(ArgSpec spec) implements Word {
    boolean given() {
      return optional().isPresent();
    }

    /// Of an option or parameter that cannot be left out, or has a value then.
    ///
    /// @throws OperationException when it is one that [Syntax#expected] declared, and is not there
    T get() {
      return optional().orElseThrow(() -> missing(spec));
    }

    Optional<T> optional() {
      return Optional.ofNullable(spec.getValue());
    }
  }

  /// Any number of values, in the order they were given.
  record Values<T>(ArgSpec spec) implements Word {
    /// @throws OperationException when there are fewer
    List<T> atLeast(int count) {
      if (all().size() < count) {
        throw missing(spec);
      }
      return all();
    }

    List<T> all() {
      List<T> values = spec.getValue();
      return values == null ? List.of() : values;
    }
  }

  /// @param command what is run when these words are given
  Syntax(Object command, String name, String... description) {
    spec = CommandSpec.wrapWithoutInspection(command).name(name).version(VERSION);
    spec.usageMessage().description(description);
    spec.addOption(
        OptionSpec.builder("-h", "--help")
            .usageHelp(true)
            .description("Show this help message and exit.")
            .build());
    spec.addOption(
        OptionSpec.builder("-V", "--version")
            .versionHelp(true)
            .description("Print version information and exit.")
            .build());
  }

  /// For picocli, once, when all words are declared.
  CommandSpec spec() {
    declared.forEach(spec::add);
    groups.forEach(spec::addArgGroup);
    return spec;
  }

  /// Command lines at the end of the help.
  void examples(String... lines) {
    List<String> footer = new ArrayList<>();
    footer.add("");
    footer.add(lines.length == 1 ? "Example:" : "Examples:");
    Arrays.stream(lines).map("  "::concat).forEach(footer::add);
    spec.usageMessage().footer(footer.toArray(String[]::new));
  }

  /// What the exit codes mean, each as `1:what`.
  void exitCodes(String... codes) {
    Map<String, String> list = new LinkedHashMap<>();
    for (String code : codes) {
      int colon = code.indexOf(':');
      list.put(code.substring(0, colon), code.substring(colon + 1));
    }
    spec.usageMessage().exitCodeListHeading("%nExit codes:%n").exitCodeList(list);
  }

  /// An option without a value.
  Flag flag(String names, String description) {
    return new Flag(add(OptionSpec.builder(names.split(", ")).type(boolean.class), description));
  }

  /// Of these one at most may be given.
  void oneOf(Word... words) {
    ArgGroupSpec.Builder group = ArgGroupSpec.builder();
    for (Word word : words) {
      declared.remove(word.spec());
      group.addArg(word.spec());
    }
    groups.add(group.build());
  }

  /// An option that may be left out.
  <T> Value<T> option(String names, String label, Class<T> type, String description) {
    return new Value<>(add(named(names, label).type(type), description));
  }

  /// An option that must be there.
  <T> Value<T> requiredOption(String names, String label, Class<T> type, String description) {
    return new Value<>(add(named(names, label).type(type).required(true), description));
  }

  /// An option with a value for when it is left out.
  <T> Value<T> option(
      String names, String label, Class<T> type, String otherwise, String description) {
    return new Value<>(add(named(names, label).type(type).defaultValue(otherwise), description));
  }

  /// An option that may be repeated.
  <T> Values<T> options(String names, String label, Class<T> type, String description) {
    return new Values<>(
        add(named(names, label).type(List.class).auxiliaryTypes(type), description));
  }

  /// An option that may be repeated, or hold several values with commas between.
  Values<String> lists(String names, String label, String description) {
    return new Values<>(add(list(names, label), description));
  }

  /// The same, of which at least one must be there.
  Values<String> requiredLists(String names, String label, String description) {
    return new Values<>(add(list(names, label).required(true), description));
  }

  private static OptionSpec.Builder list(String names, String label) {
    return named(names, label).type(List.class).auxiliaryTypes(String.class).splitRegex(",");
  }

  /// The next parameter, which must be there.
  <T> Value<T> parameter(String label, Class<T> type, String description) {
    return new Value<>(add(position(label, "1").type(type), description));
  }

  /// The next parameter, which must be there where the command asks for it: `-o help` is answered
  /// without.
  <T> Value<T> expected(String label, Class<T> type, String description) {
    return new Value<>(add(position(label, "0..1").hideParamSyntax(true).type(type), description));
  }

  private static OperationException missing(ArgSpec word) {
    return new OperationException(
        OperationException.Kind.USAGE,
        "Missing required parameter: '%s'".formatted(word.paramLabel()));
  }

  /// The last parameter, which may be left out.
  <T> Value<T> optionalParameter(String label, Class<T> type, String description) {
    return new Value<>(add(position(label, "0..1").type(type), description));
  }

  /// All parameters from here on. A label of several words stands in the help as it is.
  <T> Values<T> parameters(int atLeast, String label, Class<T> type, String description) {
    return new Values<>(
        add(
            position(label, atLeast + "..*")
                .index(positions - 1 + "..*")
                .hideParamSyntax(label.contains(" "))
                .type(List.class)
                .auxiliaryTypes(type),
            description));
  }

  private static OptionSpec.Builder named(String names, String label) {
    return OptionSpec.builder(names.split(", ")).paramLabel(label).arity("1");
  }

  private PositionalParamSpec.Builder position(String label, String arity) {
    return PositionalParamSpec.builder()
        .index(String.valueOf(positions++))
        .paramLabel(label)
        .arity(arity)
        .required(!arity.startsWith("0"));
  }

  private OptionSpec add(OptionSpec.Builder option, String description) {
    OptionSpec built = option.description(description).build();
    declared.add(built);
    return built;
  }

  private PositionalParamSpec add(PositionalParamSpec.Builder parameter, String description) {
    PositionalParamSpec built = parameter.description(description).build();
    declared.add(built);
    return built;
  }
}
