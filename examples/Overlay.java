import io.calco.disk.BackingReference;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;

/// Makes an overlay beside an image and writes to it: `Overlay base.vmdk changes.qcow2`.
///
/// The overlay holds what was written, and the base is never changed. It shows the base's bytes
/// wherever nothing was written yet.
void main(String[] args) throws IOException {
  Path base = Path.of(args[0]);
  Path overlay = base.resolveSibling(args[1]);

  try (Image below = Image.open(base, ImageOptions.reading())) {
    BackingReference reference =
        new BackingReference(base.getFileName().toString(), Optional.of(below.format()));
    Image.create(
        overlay, "qcow2", new CreateOptions(below.disk().size(), Optional.of(reference), Map.of()));
  }

  try (Image image = Image.open(overlay, ImageOptions.reading().with(Access.WRITE))) {
    Disk disk = image.disk();
    disk.writeBytes(disk.size() - 512, "written by an example".getBytes(StandardCharsets.UTF_8));
    disk.sync(); // now it is on the medium
    for (Image part : image.chain()) {
      IO.println(
          "%s: %s, %d bytes on the host"
              .formatted(part.path().getFileName(), part.format(), part.allocatedSize()));
    }
  }
}
