package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.nbd.ServedDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// `calco disk serve`.
final class DiskServeCommand extends CommandBase {
  private final DiskCommand.Source source = new DiskCommand.Source(words);
  private final Value<String> snapshot =
      words.option(
          "-l, --snapshot",
          "SNAPSHOT",
          String.class,
          "Serve the image as this internal snapshot left it.");
  private final Flag writable = words.flag("--writable", "Let clients write.");
  private final Values<String> names =
      words.options(
          "--export",
          "NAME",
          String.class,
          "What clients ask for, one for each image (default: no name for a single image, the files'"
              + " names for several).");
  private final ServeFlags serving = new ServeFlags(words);
  private final Values<Path> images =
      words.parameters(1, "IMAGE…", Path.class, "Images of any format, with their chains.");

  DiskServeCommand() {
    super(
        "serve",
        "Serve images over NBD, for reading unless told otherwise, until SIGTERM or Ctrl-C.",
        ServeFlags.DESCRIPTION,
        "A qcow2 image's dirty bitmaps are told as qemu:dirty-bitmap:NAME. What clients write to an"
            + " image is complete when the command has ended, or the client has flushed.");
    words.oneOf(snapshot, writable);
    words.examples(
        "calco disk serve vm.qcow2",
        "calco disk serve --writable --listen unix:/run/user/1000/vm.sock vm.qcow2",
        "calco disk serve --listen 0.0.0.0:10809 --tls-cert server.pem --tls-key server.key a.raw b.vmdk",
        "nbdinfo nbd://localhost/",
        "qemu-system-x86_64 -drive file=nbd+unix:///?socket=/run/user/1000/vm.sock,format=raw");
  }

  @Override
  int run() throws IOException {
    ImageOptions opening = source.options().with(writable.given() ? Access.WRITE : Access.READ);
    if (snapshot.given()) {
      opening = opening.withSnapshot(snapshot.get());
    }
    List<Path> files = images.atLeast(1);
    if (names.all().size() != files.size() && !names.all().isEmpty()) {
      throw new OperationException(
          Kind.USAGE,
          "%d names for %d images: --export is given once for each"
              .formatted(names.all().size(), files.size()));
    }
    return serve(files, opening, new ArrayList<>());
  }

  /// Opens one image after the other, and closes them when all is over.
  private int serve(List<Path> files, ImageOptions opening, List<ServedDisk> opened)
      throws IOException {
    int next = opened.size();
    if (next == files.size()) {
      return serving.serve(this, opened);
    }
    try (Image image = Image.open(files.get(next), opening)) {
      opened.add(ServedDisk.of(name(files, next), image));
      return serve(files, opening, opened);
    }
  }

  private String name(List<Path> files, int index) {
    if (!names.all().isEmpty()) {
      return names.all().get(index);
    }
    return files.size() == 1 ? "" : String.valueOf(files.get(index).getFileName());
  }
}
