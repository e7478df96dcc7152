package io.calco.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/// A command that only holds others: alone, it prints its help.
///
/// A group builds only the commands that the command line names, and all of them where it names
/// none (docs/decisions/0002-picocli.md).
abstract class GroupCommand implements Subcommand, Runnable {
  private final CommandSpec spec;

  GroupCommand(String name, String description) {
    spec = new Syntax(this, name, description).spec();
  }

  /// A command of a group.
  record Member(String name, Supplier<Subcommand> command) {}

  /// The group's commands, in the order of its help.
  abstract List<Member> members();

  @Override
  public final CommandLine parserFor(List<String> words) {
    CommandLine parser = new CommandLine(spec);
    boolean named = members().stream().anyMatch(member -> words.contains(member.name()));
    for (Member member : members()) {
      if (!named || words.contains(member.name())) {
        parser.addSubcommand(member.name(), member.command().get().parserFor(words));
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
