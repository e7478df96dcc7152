package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.disk.Commit;
import io.calco.disk.DiskInUseException;
import io.calco.disk.RateLimit;
import io.calco.engine.Calco;
import io.calco.engine.ImageChanges;
import io.calco.engine.machine.RunningDisk;
import java.io.IOException;
import java.nio.file.Path;

/// `calco disk commit`.
final class DiskCommitCommand extends CommandBase {
  private final DiskCommand.Source source = new DiskCommand.Source(words);

  private final Flag keep =
      words.flag("-d, --keep-overlay", "Leave the overlay's data in it, too.");

  private final Value<Path> base =
      words.option(
          "-b, --base",
          "FILE",
          Path.class,
          "The image to write into, further down the chain. The overlay keeps its data then,"
              + " and the images between are broken.");

  private final Value<String> rate = DiskCommand.rate(words);
  private final WhileRunning running = new WhileRunning(words);
  private final HomeCommand.At home = new HomeCommand.At(words);

  private final Value<Path> file = words.parameter("FILE", Path.class, "The overlay.");

  DiskCommitCommand() {
    super(
        "commit",
        "Write an overlay's data into its backing image, and empty the overlay.",
        "Every other image that rests on the backing image is broken by this.",
        WhileRunning.DESCRIPTION
            + " It goes on with the backing image then, and nobody needs the overlay any more; with"
            + " -d it goes on with the overlay.");
    DiskCommand.acceptProgressFlag(words);
    DiskCommand.acceptCache(words);
    words.examples(
        "calco disk commit try-out.qcow2", "calco disk commit -b base.qcow2 -r 50M top.qcow2");
  }

  @Override
  int run() throws IOException {
    Path written;
    try (Progress progress = progress()) {
      written = commit(progress);
    }
    if (json()) {
      Json.print(out(), Json.object().put("filename", file.get()).put("committed-to", written));
    } else {
      say(
          "%s was written into %s."
              .formatted(DiskCommand.name(file.get()), DiskCommand.name(written)));
    }
    return ExitCode.DONE;
  }

  private Path commit(Progress progress) throws IOException {
    RateLimit limit = DiskCommand.rate(rate);
    try {
      return ImageChanges.commit(
          file.get(),
          source.options(),
          base.optional(),
          keep.given() || base.given() ? Commit.Overlay.KEPT : Commit.Overlay.EMPTIED,
          limit,
          progress);
    } catch (DiskInUseException used) {
      RunningDisk.After after = keep.given() ? RunningDisk.After.STAY : RunningDisk.After.PIVOT;
      try (Calco calco = Calco.open(home.get())) {
        return running.with(
            calco,
            file.get(),
            used,
            disk -> {
              Path written = disk.commit(calco, base.optional(), after, limit, progress);
              if (after == RunningDisk.After.PIVOT) {
                say("machine %s goes on with %s".formatted(disk.machine(), written));
              }
              return written;
            });
      }
    }
  }
}
