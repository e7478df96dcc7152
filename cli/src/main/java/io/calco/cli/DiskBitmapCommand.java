package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.disk.DirtyBitmaps;
import io.calco.disk.DirtyBitmaps.Recording;
import io.calco.disk.ImageOptions;
import io.calco.engine.ImageChanges;
import io.calco.engine.OperationException;
import io.calco.engine.SizeChange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// `calco disk bitmap`.
final class DiskBitmapCommand extends CommandBase {
  private final DiskCommand.Source source = new DiskCommand.Source(words);

  private final Flag add =
      words.flag("--add", "Add it, with nothing marked; it records from now on.");

  private final Flag clear = words.flag("--clear", "Unmark everything in it.");

  private final Flag enable = words.flag("--enable", "Let it record what is written.");

  private final Flag disable = words.flag("--disable", "Let it rest.");

  private final Flag remove = words.flag("--remove", "Remove it.");

  private final Values<String> merge =
      words.options(
          "--merge",
          "BITMAP",
          String.class,
          "Mark in it what another one has marked; may be repeated.");

  private final Value<Path> other =
      words.option(
          "-b, --source-file",
          "FILE",
          Path.class,
          "The image that --merge's bitmaps are in, instead of this one.");

  private final Value<String> otherFormat =
      words.option("-F, --source-format", "FMT", String.class, "That image's format.");

  private final Value<String> granularity =
      words.option(
          "-g, --granularity",
          "SIZE",
          String.class,
          "64k",
          "Bytes that one bit of a new one stands for (default: ${DEFAULT-VALUE}).");

  private final Value<Path> file = words.parameter("FILE", Path.class, "The image file.");

  private final Value<String> name = words.parameter("BITMAP", String.class, "The bitmap's name.");

  DiskBitmapCommand() {
    super(
        "bitmap",
        "Change a dirty bitmap of a qcow2 image: what records which parts of the disk were written.",
        "Several verbs are done in this order: add, clear, disable, enable, merge, remove.");
    words.examples(
        "calco disk bitmap --add vm.qcow2 since-sunday",
        "calco disk bitmap --merge since-sunday vm.qcow2 since-january");
  }

  @Override
  int run() throws IOException {
    if (!add.given()
        && !clear.given()
        && !enable.given()
        && !disable.given()
        && !remove.given()
        && merge.all().isEmpty()) {
      throw new OperationException(
          OperationException.Kind.USAGE,
          "nothing to do: give --add, --clear, --enable, --disable, --merge or --remove");
    }
    ImageOptions options = source.options();
    ImageChanges.changeBitmaps(file.get(), options, this::changeFirst);
    if (other.given()) {
      for (String theirs : merge.all()) {
        ImageChanges.mergeBitmap(
            file.get(),
            options,
            name.get(),
            other.get(),
            new ImageOptions(
                otherFormat.optional(), options.access(), options.policy(), Optional.empty()),
            theirs);
      }
    }
    if (remove.given()) {
      ImageChanges.changeBitmaps(file.get(), options, bitmaps -> bitmaps.remove(name.get()));
    }
    return ExitCode.DONE;
  }

  private void changeFirst(DirtyBitmaps bitmaps) throws IOException {
    if (add.given()) {
      bitmaps.add(
          name.get(),
          SizeChange.parseBytes(granularity.get()),
          disable.given() && !enable.given() ? Recording.DISABLED : Recording.ENABLED);
    }
    if (clear.given()) {
      bitmaps.clear(name.get());
    }
    if (disable.given() && !add.given()) {
      bitmaps.setRecording(name.get(), Recording.DISABLED);
    }
    if (enable.given() && !add.given()) {
      bitmaps.setRecording(name.get(), Recording.ENABLED);
    }
    if (!other.given()) {
      for (String own : merge.all()) {
        bitmaps.merge(name.get(), bitmaps, own);
      }
    }
  }
}
