package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions.Access;
import io.calco.engine.GuestOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// `calco disk mount`.
final class DiskMountCommand extends CommandBase {
  private final GuestSource source = new GuestSource(words);
  private final MountFlags shown = new MountFlags(words);
  private final Value<Path> image =
      words.parameter("IMAGE", Path.class, "An image file of any format.");
  private final Value<Path> directory =
      words.parameter("DIR", Path.class, "An empty directory to show it in.");

  DiskMountCommand() {
    super(
        "mount",
        "Show an image's disk and its files in a directory, read only.",
        "Shows disk.raw, of each partition N pN.raw and, where its files can be read, pN/. The"
            + " command ends when the directory is unmounted, or with Ctrl-C. Root needs nothing but"
            + " the kernel's FUSE; others need fusermount3 (apt-get install fuse3).");
    words.examples("calco disk mount vm.vmdk /mnt &", "calco disk mount --files vm.qcow2 /mnt");
  }

  @Override
  int run() throws IOException {
    GuestOptions options = source.options();
    try (Image opened = Image.open(image.get(), options.image().with(Access.READ))) {
      return shown.show(
          this,
          opened.disk(),
          image.get().toString(),
          options.keys(),
          directory.get(),
          Files.getLastModifiedTime(image.get()).toInstant());
    }
  }
}
