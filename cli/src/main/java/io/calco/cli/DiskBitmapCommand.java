package io.calco.cli;

import io.calco.disk.DirtyBitmaps;
import io.calco.disk.DirtyBitmaps.Recording;
import io.calco.disk.ImageOptions;
import io.calco.engine.ImageChanges;
import io.calco.engine.OperationException;
import io.calco.engine.SizeChange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `calco disk bitmap`.
@Command(
    name = "bitmap",
    description = {
      "Change a dirty bitmap of a qcow2 image: what records which parts of the disk were written.",
      "Several verbs are done in this order: add, clear, disable, enable, merge, remove."
    },
    footer = {
      "",
      "Examples:",
      "  calco disk bitmap --add vm.qcow2 since-sunday",
      "  calco disk bitmap --merge since-sunday vm.qcow2 since-january"
    })
final class DiskBitmapCommand extends CommandBase {
  @Mixin private DiskCommand.Source source = new DiskCommand.Source();

  @Option(names = "--add", description = "Add it, with nothing marked; it records from now on.")
  private boolean add;

  @Option(names = "--clear", description = "Unmark everything in it.")
  private boolean clear;

  @Option(names = "--enable", description = "Let it record what is written.")
  private boolean enable;

  @Option(names = "--disable", description = "Let it rest.")
  private boolean disable;

  @Option(names = "--remove", description = "Remove it.")
  private boolean remove;

  @Option(
      names = "--merge",
      paramLabel = "BITMAP",
      description = "Mark in it what another one has marked; may be repeated.")
  private List<String> merge = List.of();

  @Option(
      names = {"-b", "--source-file"},
      paramLabel = "FILE",
      description = "The image that --merge's bitmaps are in, instead of this one.")
  private @Nullable Path other;

  @Option(
      names = {"-F", "--source-format"},
      paramLabel = "FMT",
      description = "That image's format.")
  private @Nullable String otherFormat;

  @Option(
      names = {"-g", "--granularity"},
      paramLabel = "SIZE",
      defaultValue = "64k",
      description = "Bytes that one bit of a new one stands for (default: ${DEFAULT-VALUE}).")
  private String granularity = "64k";

  @Parameters(index = "0", paramLabel = "FILE", description = "The image file.")
  private Path file = Path.of("");

  @Parameters(index = "1", paramLabel = "BITMAP", description = "The bitmap's name.")
  private String name = "";

  @Override
  int run() throws IOException {
    if (!add && !clear && !enable && !disable && !remove && merge.isEmpty()) {
      throw new OperationException(
          OperationException.Kind.USAGE,
          "nothing to do: give --add, --clear, --enable, --disable, --merge or --remove");
    }
    ImageOptions options = source.options();
    ImageChanges.changeBitmaps(file, options, this::changeFirst);
    if (other != null) {
      for (String theirs : merge) {
        ImageChanges.mergeBitmap(
            file,
            options,
            name,
            other,
            new ImageOptions(
                Optional.ofNullable(otherFormat),
                options.access(),
                options.policy(),
                Optional.empty()),
            theirs);
      }
    }
    if (remove) {
      ImageChanges.changeBitmaps(file, options, bitmaps -> bitmaps.remove(name));
    }
    return ExitCode.DONE;
  }

  private void changeFirst(DirtyBitmaps bitmaps) throws IOException {
    if (add) {
      bitmaps.add(
          name,
          SizeChange.parseBytes(granularity),
          disable && !enable ? Recording.DISABLED : Recording.ENABLED);
    }
    if (clear) {
      bitmaps.clear(name);
    }
    if (disable && !add) {
      bitmaps.setRecording(name, Recording.DISABLED);
    }
    if (enable && !add) {
      bitmaps.setRecording(name, Recording.ENABLED);
    }
    if (other == null) {
      for (String own : merge) {
        bitmaps.merge(name, bitmaps, own);
      }
    }
  }
}
