import io.calco.backup.Coverage;
import io.calco.backup.DiskDivision;
import io.calco.backup.NewPoint;
import io.calco.backup.Origin;
import io.calco.backup.RestorePoints;
import io.calco.backup.RestorePoints.Identity;
import io.calco.disk.Disk;
import io.calco.disk.JobContext;
import io.calco.disk.MemoryDriver;
import io.calco.store.NewStore;
import io.calco.store.Store;
import io.calco.store.StoreKey;
import io.calco.store.StoreOptions;
import io.calco.store.backend.LocalDirectory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/// Makes a repository of many points of one disk of 16 MiB, of which 4 blocks of 4 KiB change between two of them, an hour apart:
/// `REPOSITORY COUNT`. What `calco backup create` does COUNT times, without COUNT starts of a process.
final class PruneBench {
  public static void main(String[] words) throws Exception {
    LocalDirectory backend = LocalDirectory.create(Path.of(words[0]));
    Store.create(backend, NewStore.plain());
    int count = Integer.parseInt(words[1]);
    byte[] content = new byte[16 << 20];
    new Random(1).nextBytes(content);
    Instant first = Instant.parse("2026-01-01T00:00:00Z");
    Optional<String> none = Optional.empty();
    Origin origin =
        new Origin("bench", "bench", "disk.img", Origin.Kind.IMAGE, none, none, none, Optional.empty(), Origin.State.AT_REST);
    for (int i = 1; i <= count; i++) {
      Random random = new Random(i);
      byte[] block = new byte[4096];
      for (int change = 0; change < 4; change++) {
        random.nextBytes(block);
        System.arraycopy(block, 0, content, random.nextInt(content.length / block.length) * block.length, block.length);
      }
      try (Store store = Store.open(backend, StoreKey.none(), StoreOptions.defaults());
          Disk disk = Disk.owning(new MemoryDriver(content))) {
        new RestorePoints(store)
            .create(
                DiskDivision.of(disk, Coverage.USED),
                Set.of(),
                new Identity(UUID.randomUUID(), first.plus(Duration.ofHours(i))),
                () -> NewPoint.of("bench", origin),
                JobContext.SILENT);
      }
    }
  }
}
