import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemType;
import io.calco.fs.FileSystems;
import io.calco.volume.Partition;
import io.calco.volume.PartitionTable;

/// Prints a file that lies in a disk image: `ReadFile vm.vmdk.xz /etc/hostname`.
///
/// The image may have any format, rest on others, or be packed: that is found out by looking.
void main(String[] args) throws IOException {
  String path = args[1];
  try (Image image = Image.open(Path.of(args[0]), ImageOptions.reading())) {
    for (Disk volume : volumes(image.disk())) {
      Optional<FileSystemType> type = FileSystems.probe(volume);
      if (type.isPresent()) {
        try (FileSystem files = type.get().openReadOnly(volume)) {
          if (files.find(path).isPresent()) {
            print(files, path);
            return;
          }
        }
      }
    }
  }
  throw new NoSuchFileException(path);
}

/// The partitions, or the whole disk if it has none.
List<Disk> volumes(Disk disk) throws IOException {
  Optional<PartitionTable> table = PartitionTable.find(disk);
  if (table.isEmpty()) {
    return List.of(disk);
  }
  List<Disk> volumes = new ArrayList<>();
  for (Partition partition : table.get().partitions()) {
    volumes.add(partition.slice(disk));
  }
  return volumes;
}

void print(FileSystem files, String path) throws IOException {
  byte[] buffer = new byte[64 * 1024];
  long offset = 0;
  int length;
  while ((length = files.read(path, offset, MemorySegment.ofArray(buffer))) > 0) {
    System.out.write(buffer, 0, length);
    offset += length;
  }
  System.out.flush();
}
