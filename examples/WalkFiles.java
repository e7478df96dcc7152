import io.calco.disk.ImageOptions;
import io.calco.guest.nio.GuestFileSystems;

/// Lists the files that lie below a directory in a disk's guest, with their permissions and sizes:
/// `WalkFiles vm.qcow2 /etc/ssh`. What works on paths works on disks.
void main(String[] args) throws IOException {
  try (FileSystem guest = GuestFileSystems.open(Path.of(args[0]), ImageOptions.reading());
      Stream<Path> files = Files.walk(guest.getPath(args[1]))) {
    for (Path file : files.sorted().toList()) {
      PosixFileAttributes attributes =
          Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (attributes.isRegularFile()) {
        String permissions = PosixFilePermissions.toString(attributes.permissions());
        System.out.println(permissions + " " + attributes.size() + " " + file);
      }
    }
  }
}
