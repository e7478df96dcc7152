package io.calco.cli;

import io.calco.server.settings.Setting;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/// Manual pages in the `man` macros of roff, man(7).
final class ManualPages {
  private static final String MANUAL = "Calco";

  private static final Map<Integer, String> EXIT_CODES =
      new TreeMap<>(
          Map.of(
              ExitCode.DONE, "It was done.",
              ExitCode.NO, "It was done, and the answer is no: a difference, a finding.",
              ExitCode.USAGE, "The command line or a setting cannot be meant.",
              ExitCode.NOT_FOUND, "Something that was named is not there.",
              ExitCode.REFUSED, "It would harm something, or its name is taken.",
              ExitCode.CORRUPT, "Content contradicts its specification.",
              ExitCode.DENIED, "A file may not be opened.",
              ExitCode.UNSUPPORTED, "It is valid but not handled.",
              ExitCode.SYSTEM, "The system failed: a read, a write, no space.",
              ExitCode.INTERNAL, "A fault of Calco's own."));

  private final String date;

  /// @param date that the pages show
  ManualPages(String date) {
    this.date = date;
  }

  /// A command's name as its page has it: `calco-disk-convert`.
  static String name(CommandSpec command) {
    return command.qualifiedName("-");
  }

  /// The page of a command.
  String of(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    UsageMessageSpec help = spec.usageMessage();
    StringBuilder page = new StringBuilder();
    head(page, name(spec), "1", spec.version()[0]);
    section(page, "NAME");
    page.append(text(name(spec))).append(" \\- ").append(text(summary(spec))).append('\n');
    section(page, "SYNOPSIS");
    page.append(".nf\n").append(synopsis(command)).append(".fi\n");
    section(page, "DESCRIPTION");
    paragraphs(page, Arrays.asList(help.description()));
    if (!command.getSubcommands().isEmpty()) {
      section(page, "COMMANDS");
      command.getSubcommands().values().stream()
          .map(CommandLine::getCommandSpec)
          .forEach(sub -> entry(page, "\\fB" + text(name(sub)) + "\\fP(1)", summary(sub)));
    }
    List<PositionalParamSpec> parameters =
        spec.positionalParameters().stream().filter(word -> !word.hidden()).toList();
    if (!parameters.isEmpty()) {
      section(page, "PARAMETERS");
      parameters.forEach(word -> entry(page, italic(word), word.description()));
    }
    section(page, "OPTIONS");
    spec.options().stream()
        .filter(option -> !option.hidden())
        .forEach(option -> entry(page, label(option), option.description()));
    exitStatus(page, help.exitCodeList());
    examples(page, help.footer());
    section(page, "SEE ALSO");
    page.append(seeAlso(spec)).append('\n');
    return page.toString();
  }

  /// The page of the file of settings.
  String ofSettings() {
    StringBuilder page = new StringBuilder();
    head(page, "calco.properties", "5", "");
    section(page, "NAME");
    page.append("calco.properties \\- how Calco serves\n");
    section(page, "DESCRIPTION");
    paragraphs(
        page,
        List.of(
            "calco serve reads /etc/calco/calco.properties for root and"
                + " ~/.config/calco/calco.properties for others, or the file that --config names."
                + " A line is KEY = VALUE in UTF-8; one that begins with # says nothing."
                + " A key that is unknown or stands twice is refused.",
            "Each setting may also stand in the environment, as CALCO_KEY with _ for -, which wins"
                + " over the file, and on the command line as --set KEY=VALUE, which wins over"
                + " both. A secret may lie in a file of its own, which KEY-file names; on the"
                + " command line only so."));
    section(page, "SETTINGS");
    for (Setting setting : Setting.values()) {
      String label = "\\fB%s\\fP = \\fI%s\\fP".formatted(text(setting.key()), text(setting.form()));
      String otherwise = setting.otherwise().map(value -> " (default: " + value + ")").orElse("");
      entry(page, label, sentence(setting.about().replace("`", "") + otherwise));
    }
    section(page, "SEE ALSO");
    page.append("\\fBcalco\\-serve\\fP(1)\n");
    return page.toString();
  }

  private static String sentence(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1) + ".";
  }

  private void head(StringBuilder page, String name, String section, String version) {
    page.append(".\\\" Made by the build from the commands' declarations.\n.TH ")
        .append(text(name.toUpperCase(Locale.ROOT)))
        .append(' ')
        .append(section)
        .append(" \"%s\" \"%s\" \"%s\"\n".formatted(date, text(version), MANUAL));
  }

  private static void section(StringBuilder page, String title) {
    page.append(".SH ").append(title).append('\n');
  }

  private static void paragraphs(StringBuilder page, List<String> texts) {
    for (int i = 0; i < texts.size(); i++) {
      page.append(i == 0 ? "" : ".PP\n").append(text(texts.get(i))).append('\n');
    }
  }

  /// The first paragraph of the description, as a phrase.
  private static String summary(CommandSpec spec) {
    String[] description = spec.usageMessage().description();
    String first = description.length == 0 ? "" : description[0];
    return first.endsWith(".") ? first.substring(0, first.length() - 1) : first;
  }

  private static String synopsis(CommandLine command) {
    return command
        .getHelp()
        .synopsis(0)
        .lines()
        .map(ManualPages::text)
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static String label(OptionSpec option) {
    String names =
        Arrays.stream(option.names())
            .map(name -> "\\fB" + text(name) + "\\fP")
            .collect(Collectors.joining(", "));
    return option.arity().max() == 0 ? names : names + "=" + italic(option);
  }

  private static String italic(ArgSpec word) {
    return "\\fI" + text(word.paramLabel()) + "\\fP";
  }

  private static void entry(StringBuilder page, String label, String... lines) {
    page.append(".TP\n").append(label).append('\n');
    page.append(Arrays.stream(lines).map(ManualPages::text).collect(Collectors.joining(" ")));
    page.append('\n');
  }

  private static void exitStatus(StringBuilder page, Map<String, String> codes) {
    section(page, "EXIT STATUS");
    if (codes.isEmpty() && !page.toString().contains(".TH CALCO 1")) {
      page.append("0 when it was done; the others are in \\fBcalco\\fP(1).\n");
    } else if (codes.isEmpty()) {
      EXIT_CODES.forEach((code, meaning) -> entry(page, "\\fB" + code + "\\fP", meaning));
    }
    codes.forEach((code, meaning) -> entry(page, "\\fB" + text(code.strip()) + "\\fP", meaning));
  }

  private static void examples(StringBuilder page, String[] footer) {
    List<String> lines =
        Arrays.stream(footer).filter(line -> line.startsWith("  ")).map(String::strip).toList();
    if (!lines.isEmpty()) {
      section(page, "EXAMPLES");
      page.append(".nf\n");
      lines.forEach(line -> page.append(text(line)).append('\n'));
      page.append(".fi\n");
    }
  }

  private static String seeAlso(CommandSpec spec) {
    CommandSpec parent = spec.parent();
    String above = parent == null ? "" : "\\fB" + text(name(parent)) + "\\fP(1), ";
    return above + "\\fBcalco.properties\\fP(5)";
  }

  /// Text that says what it says: nothing in it is roff's.
  static String text(String plain) {
    String one =
        plain
            .replace("%n", " ")
            .replace("%%", "%")
            .replace("…", "...")
            .replaceAll("\\s*\\R\\s*", " ");
    String escaped = one.replace("\\", "\\e").replace("-", "\\-");
    return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
  }
}
