package io.calco.cli;

import io.calco.engine.inside.FileEntry;
import io.calco.guest.Change;
import java.util.List;
import java.util.Locale;

/// `calco guest`: the files in disks.
final class GuestCommand extends GroupCommand {
  static final String PLACE = "An image file, and a path in its guest after a colon.";

  GuestCommand() {
    super("guest", "Look inside disks: list, read, copy, edit and compare a guest's files.");
  }

  @Override
  List<Member> members() {
    return List.of(
        new Member("ls", GuestLsCommand::new),
        new Member("cat", GuestCatCommand::new),
        new Member("find", GuestFindCommand::new),
        new Member("df", GuestDfCommand::new),
        new Member("copy-out", GuestCopyOutCommand::new),
        new Member("copy-in", GuestCopyInCommand::new),
        new Member("edit", GuestEditCommand::new),
        new Member("diff", GuestDiffCommand::new));
  }

  static Json.Fields json(FileEntry file) {
    return Json.object()
        .put("path", file.path())
        .put("kind", word(file.kind()))
        .put("size", file.size())
        .put("allocated-size", file.allocatedSize())
        .put("permissions", Integer.toOctalString(file.permissions()))
        .put("uid", file.uid())
        .put("gid", file.gid())
        .put("links", file.links())
        .put("modified", file.modified())
        .put("target", file.target());
  }

  /// What was or would be changed.
  static void print(CommandBase command, List<Change> changes) {
    if (command.json()) {
      Json.print(
          command.out(),
          changes.stream()
              .map(c -> Json.object().put("action", c.action()).put("path", c.path()))
              .toList());
    } else {
      changes.forEach(change -> command.out().println(change.describe()));
      if (changes.isEmpty()) {
        command.say("Nothing to change.");
      }
    }
  }

  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
