package io.calco.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;

/// Writes what a package installs beside the program: a manual page for each command and for the
/// file of settings, and the completion of command lines. All of it comes from the commands'
/// declarations and from the list of settings, so it says what they do.
public final class Reference {
  private Reference() {}

  /// Writes them.
  ///
  /// @param args the directory, which gets `man/man1`, `man/man5` and `completions`; and the date
  ///   that the pages show, `2026-11-21`
  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    CommandLine calco = Main.parser(List.of());
    ManualPages pages = new ManualPages(args[1]);
    Path commands = Files.createDirectories(directory.resolve("man/man1"));
    write(pages, calco, commands);
    Path formats = Files.createDirectories(directory.resolve("man/man5"));
    Files.writeString(formats.resolve("calco.properties.5"), pages.ofSettings());
    Path completions = Files.createDirectories(directory.resolve("completions"));
    Files.writeString(completions.resolve("calco"), AutoComplete.bash("calco", calco));
  }

  private static void write(ManualPages pages, CommandLine command, Path directory)
      throws IOException {
    String name = ManualPages.name(command.getCommandSpec());
    Files.writeString(directory.resolve(name + ".1"), pages.of(command));
    for (CommandLine sub : command.getSubcommands().values()) {
      write(pages, sub, directory);
    }
  }
}
