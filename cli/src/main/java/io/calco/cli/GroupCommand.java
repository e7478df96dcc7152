package io.calco.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// A command that only holds others: alone, it prints its help.
///
/// Each command built costs some 3 ms at every start (docs/decisions/0002-picocli.md), so a group
/// builds only those that the command line names, and all of them where it names none.
@Command(mixinStandardHelpOptions = true)
abstract class GroupCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  /// A command of a group.
  record Member(String name, Supplier<Object> command) {}

  /// The group's commands, in the order of its help.
  abstract List<Member> members();

  /// The command line parser for this group, with the commands that these words may mean.
  final CommandLine parserFor(List<String> words) {
    CommandLine parser = new CommandLine(this);
    boolean named = members().stream().anyMatch(member -> words.contains(member.name()));
    for (Member member : members()) {
      boolean meant = words.contains(member.name());
      if (meant || !named) {
        Object command = member.command().get();
        parser.addSubcommand(
            member.name(),
            meant && command instanceof GroupCommand group ? group.parserFor(words) : command);
      }
    }
    return parser;
  }

  @Override
  public final void run() {
    PrintWriter out = spec.commandLine().getOut();
    spec.commandLine().usage(out);
    out.flush();
  }
}
