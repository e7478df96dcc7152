package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.engine.inside.FileEntry;
import io.calco.engine.inside.GuestFiles;
import java.io.IOException;
import java.io.PrintStream;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/// `-l`, `-a` and `-R` of commands that list files of a guest, and the list.
final class FileListing {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm").withZone(ZoneOffset.UTC);

  private final Flag details;
  private final Flag hidden;
  private final Flag deep;

  FileListing(Syntax words) {
    details = words.flag("-l, --long", "With permissions, owners, sizes and times (UTC).");
    hidden = words.flag("-a, --all", "Also names that begin with a dot.");
    deep = words.flag("-R, --recursive", "Also all that is below.");
  }

  /// Adds what is at a path.
  void add(GuestFiles files, String path, List<FileEntry> found) throws IOException {
    if (deep.given()) {
      files.walk(path, found::add);
    } else {
      found.addAll(files.list(path));
    }
  }

  /// Prints them as the command answers.
  void print(CommandBase command, List<FileEntry> found) {
    if (!hidden.given()) {
      found.removeIf(file -> file.path().contains("/."));
    }
    if (command.json()) {
      Json.print(command.out(), found.stream().map(GuestCommand::json).toList());
    } else {
      print(command.out(), found);
    }
  }

  private void print(PrintStream out, List<FileEntry> found) {
    int owner = width(found.stream().map(FileEntry::owner).toList());
    int group = width(found.stream().map(FileEntry::group).toList());
    int size = width(found.stream().map(file -> Long.toString(file.size())).toList());
    for (FileEntry file : found) {
      String name = Text.safe(deep.given() ? file.path() : file.name());
      if (details.given()) {
        String target = file.target().map(to -> " -> " + Text.safe(to)).orElse("");
        out.printf(
            "%s %3d %-" + owner + "s %-" + group + "s %" + size + "d %s %s%s%n",
            file.mode(),
            file.links(),
            Text.safe(file.owner()),
            Text.safe(file.group()),
            file.size(),
            TIME.format(file.modified()),
            name,
            target);
      } else {
        out.println(name);
      }
    }
  }

  private static int width(List<String> texts) {
    return texts.stream().mapToInt(String::length).max().orElse(1);
  }
}
