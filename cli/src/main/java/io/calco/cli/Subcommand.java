package io.calco.cli;

import java.util.List;
import picocli.CommandLine;

/// What may stand behind `calco`.
interface Subcommand {
  /// The parser for this command.
  ///
  /// @param words the command line; it tells which subcommands need not be built
  CommandLine parserFor(List<String> words);
}
