package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.inside.VolumeUse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// `calco guest df`.
final class GuestDfCommand extends CommandBase {
  private final GuestSource source = new GuestSource(words);
  private final Value<Path> disk =
      words.parameter("DISK", Path.class, "An image file of any format.");

  GuestDfCommand() {
    super("df", "How full the file systems in a disk are.");
    words.examples("calco guest df vm.qcow2");
  }

  @Override
  int run() throws IOException {
    List<VolumeUse> uses = VolumeUse.of(disk.get(), source.options());
    if (json()) {
      Json.print(out(), uses.stream().map(GuestDfCommand::json).toList());
      return ExitCode.DONE;
    }
    Table table = new Table("VOLUME", "TYPE", "SIZE", "USED", "FREE", "USE", "MOUNTED ON");
    for (VolumeUse use : uses) {
      long percent = use.size() == 0 ? 0 : Math.round(100.0 * use.used() / use.size());
      table.add(
          use.name(),
          use.type(),
          Text.size(use.size()),
          Text.size(use.used()),
          Text.size(use.free()),
          percent + " %",
          use.mountPoint().orElse("-"));
    }
    table.print(out());
    return ExitCode.DONE;
  }

  private static Json.Fields json(VolumeUse use) {
    return Json.object()
        .put("volume", use.name())
        .put("type", use.type())
        .put("size", use.size())
        .put("used", use.used())
        .put("free", use.free())
        .put("mount-point", use.mountPoint());
  }
}
