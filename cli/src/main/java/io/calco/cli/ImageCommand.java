package io.calco.cli;

import java.util.List;

/// `calco image`: the catalogue.
final class ImageCommand extends GroupCommand {
  ImageCommand() {
    super("image", "The catalogue of images: import, look, share, export.");
  }

  @Override
  List<Member> members() {
    return List.of(
        new Member("list", ImageListCommand::new),
        new Member("show", ImageShowCommand::new),
        new Member("history", ImageHistoryCommand::new),
        new Member("import", ImageImportCommand::new),
        new Member("export", ImageExportCommand::new),
        new Member("set", ImageSetCommand::new),
        new Member("tag", ImageTagCommand::new),
        new Member("alias", ImageAliasCommand::new),
        new Member("share", ImageShareCommand.Share::new),
        new Member("unshare", ImageShareCommand.Unshare::new),
        new Member("delete", ImageDeleteCommand::new));
  }
}
