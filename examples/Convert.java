import io.calco.disk.BesideFile.Durability;
import io.calco.disk.CopyOptions;
import io.calco.disk.CreateOptions;
import io.calco.disk.DiskCopy;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.NewImage;
import io.calco.disk.OpenPolicy;

/// Converts an image and shows how far it is: `Convert vm.vmdk vm.qcow2 qcow2`.
///
/// The new image appears under its name when it is complete and on the medium; until then, and
/// whatever happens, a file that had the name is still there.
void main(String[] args) throws IOException {
  Path target = Path.of(args[1]);
  String format = args[2];
  try (Image from = Image.open(Path.of(args[0]), ImageOptions.reading())) {
    CreateOptions options = CreateOptions.ofSize(from.disk().size());
    try (NewImage made = NewImage.create(target, format, options)) {
      try (Image to = made.open(OpenPolicy.denyAll())) {
        DiskCopy.copy(from.disk(), to.disk(), CopyOptions.toNew(to, "converting"), this::show);
      }
      made.publish(Durability.SYNCED);
    }
  }
  IO.println();
}

AtomicLong shown = new AtomicLong(-1);

/// Called often, and by several threads: prints a number only when it is a new one.
void show(String step, long done, long total) {
  long percent = total == 0 ? 100 : done * 100 / total;
  if (shown.getAndSet(percent) != percent) {
    IO.print("\r%s: %d %%".formatted(step, percent));
  }
}
