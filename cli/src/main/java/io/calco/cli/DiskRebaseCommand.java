package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.disk.BackingReference;
import io.calco.disk.DiskInUseException;
import io.calco.engine.Calco;
import io.calco.engine.ImageChanges;
import io.calco.engine.ImageChanges.RebaseMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// `calco disk rebase`.
final class DiskRebaseCommand extends CommandBase {
  private final DiskCommand.Source source = new DiskCommand.Source(words);

  private final Value<String> backing =
      words.requiredOption(
          "-b, --backing", "FILE", String.class, "The new backing image; \"\" for none.");

  private final Value<String> backingFormat =
      words.option("-F, --backing-format", "FMT", String.class, "Its format.");

  private final Flag unsafe =
      words.flag("-u, --unsafe", "Only change the name: the old and the new image are the same.");

  private final Value<String> rate = WhileRunning.rate(words);
  private final WhileRunning running = new WhileRunning(words);
  private final HomeCommand.At home = new HomeCommand.At(words);

  private final Value<Path> file = words.parameter("FILE", Path.class, "The overlay.");

  DiskRebaseCommand() {
    super(
        "rebase",
        "Put an overlay on another backing image, or on none.",
        "The guest sees the same afterwards: what the backing images hold differently is copied into"
            + " the overlay first. With -u only the name is changed, for an image that was moved.",
        WhileRunning.DESCRIPTION
            + " It can rest on an image that it rests on already, further down, or on none.");
    DiskCommand.acceptProgressFlag(words);
    DiskCommand.acceptCache(words);
    DiskCommand.acceptSourceCache(words);
    words.examples(
        "calco disk rebase -b base-v2.qcow2 -F qcow2 clone.qcow2",
        "calco disk rebase -b \"\" clone.qcow2                   stands alone from now on",
        "calco disk rebase -u -b /new/place/base.qcow2 -F qcow2 clone.qcow2");
  }

  @Override
  int run() throws IOException {
    Optional<BackingReference> below =
        backing.get().isEmpty()
            ? Optional.empty()
            : Optional.of(new BackingReference(backing.get(), backingFormat.optional()));
    try (Progress progress = progress()) {
      rebase(below, progress);
    }
    if (json()) {
      Json.print(
          out(),
          Json.object()
              .put("filename", file.get())
              .put("backing-filename", below.map(BackingReference::name)));
    } else {
      say(
          DiskCommand.name(file.get())
              + (below.isEmpty() ? " stands alone now." : " rests on " + backing.get() + " now."));
    }
    return ExitCode.DONE;
  }

  private void rebase(Optional<BackingReference> below, Progress progress) throws IOException {
    Path overlay = file.get();
    RebaseMode mode = unsafe.given() ? RebaseMode.UNSAFE : RebaseMode.SAFE;
    try {
      ImageChanges.rebase(overlay, source.options(), below, mode, progress);
    } catch (DiskInUseException used) {
      if (mode == RebaseMode.UNSAFE) {
        throw used;
      }
      try (Calco calco = Calco.open(home.get())) {
        running.with(
            calco,
            overlay,
            used,
            disk -> disk.rebase(overlay, below, DiskCommand.rate(rate), progress));
      }
    }
  }
}
