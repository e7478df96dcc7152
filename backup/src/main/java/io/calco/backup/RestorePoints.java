package io.calco.backup;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.JobContext;
import io.calco.store.ChunkId;
import io.calco.store.Predecessor;
import io.calco.store.Root;
import io.calco.store.RootSurvey;
import io.calco.store.Store;
import io.calco.store.StoreCopy;
import io.calco.store.StoreReport;
import io.calco.store.StoredBlob;
import io.calco.store.Upload;
import io.calco.store.UploadWork;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/// The restore points in a store, which may hold other things too. The store stays its opener's to
/// close.
///
/// Thread rule: safe for several threads at once, and for several processes, but for changes of one
/// point.
public final class RestorePoints {
  /// What the names of their roots begin with.
  static final String PREFIX = "point/";

  static final String FRAME = "disk";
  private static final String PACKAGES = "packages";

  private final Store store;

  /// Those in a store.
  public RestorePoints(Store store) {
    this.store = store;
  }

  /// What a point is to be made with, asked for when its content is stored: it may be found out
  /// meanwhile.
  public interface Description {
    /// Tells it.
    NewPoint get() throws IOException;
  }

  /// Which point is made, and of when.
  ///
  /// @param id its own
  /// @param created when the disk was as it is kept, to the millisecond
  public record Identity(UUID id, Instant created) {
    /// Cuts the time.
    public Identity {
      created = created.truncatedTo(ChronoUnit.MILLIS);
    }
  }

  /// Makes a point of now. When it returns all of it is on the medium; when it throws there is no
  /// point.
  ///
  /// @param numbers of the partitions that are kept; empty for all
  /// @throws IOException when the disk cannot be read or the store not be written
  /// @throws java.util.concurrent.CancellationException when the job was cancelled
  public RestorePoint create(
      DiskDivision division, Set<Integer> numbers, Description description, JobContext job)
      throws IOException {
    return create(
        division, numbers, new Identity(UUID.randomUUID(), Instant.now()), description, job);
  }

  /// As [#create(DiskDivision, Set, Identity, Description, JobContext)], of a disk of which it is
  /// known where it was written since an earlier point: the rest is taken from there without being
  /// read, where it was kept in the same way.
  public RestorePoint create(
      DiskDivision division,
      Set<Integer> numbers,
      Identity identity,
      Since since,
      Description description,
      JobContext job)
      throws IOException {
    Optional<EarlierParts> earlier =
        EarlierParts.find(since, division, numbers, root(since.point()), this);
    return create(division, numbers, identity, earlier, description, job);
  }

  /// As [#create(DiskDivision, Set, Description, JobContext)], of what was backed up earlier.
  ///
  /// @throws java.nio.file.FileAlreadyExistsException when the point is there
  public RestorePoint create(
      DiskDivision division,
      Set<Integer> numbers,
      Identity identity,
      Description description,
      JobContext job)
      throws IOException {
    return create(division, numbers, identity, Optional.empty(), description, job);
  }

  private RestorePoint create(
      DiskDivision division,
      Set<Integer> numbers,
      Identity identity,
      Optional<EarlierParts> earlier,
      Description description,
      JobContext job)
      throws IOException {
    Instant begun = Instant.now();
    DiskFacts facts = division.facts(numbers);
    Map<Integer, Disk> content = division.parts(numbers);
    long kept = division.keptBytes(numbers);
    try (Upload upload = store.beginUpload()) {
      SequencedMap<String, ChunkId> parts = new LinkedHashMap<>();
      WholeProgress progress = new WholeProgress(job, facts);
      parts.put(
          FRAME, add(upload, division.frame(), earlier.map(EarlierParts::frame), progress.frame()));
      for (PartitionFacts partition : facts.partitions()) {
        Disk part = content.get(partition.number());
        if (partition.kept() && part != null) {
          parts.put(
              partition.part(),
              add(upload, part, earlier.map(e -> e.part(partition)), progress.of(partition)));
        }
      }
      UploadWork work = upload.work();
      NewPoint wanted = description.get();
      RestorePoint point =
          new RestorePoint(
              identity.id(),
              identity.created(),
              wanted.machine(),
              wanted.remarks(),
              wanted.origin(),
              facts,
              wanted.system(),
              wanted.keys(),
              new BackupWork(
                  kept,
                  work.data(),
                  work.fresh(),
                  work.stored(),
                  earlier.isPresent() ? OptionalLong.of(work.known()) : OptionalLong.empty(),
                  begun.until(Instant.now(), ChronoUnit.MILLIS)),
              joined(division.warnings(), wanted.warnings()),
              List.of(),
              wanted.unread(),
              wanted.hardware(),
              wanted.domain());
      if (wanted.packages().isPresent()) {
        byte[] list = wanted.packages().get().encode();
        parts.put(PACKAGES, upload.addBlob(new ByteArrayInputStream(list), JobContext.SILENT));
      }
      upload.commit(point.rootName(), parts, PointText.encode(point));
      return point;
    }
  }

  private static ChunkId add(Upload upload, Disk part, Optional<Predecessor> before, JobContext job)
      throws IOException {
    return before.isPresent() ? upload.addDisk(part, before.get(), job) : upload.addDisk(part, job);
  }

  private static List<String> joined(List<String> one, List<String> other) {
    List<String> all = new ArrayList<>(one);
    all.addAll(other);
    return all;
  }

  /// What is known of a point, as the repository has it: JSON, `docs/format/restore-point.md`.
  public static String text(RestorePoint point) {
    return PointText.encode(point);
  }

  /// What was found under the names of points.
  ///
  /// @param points oldest first
  /// @param unreadable a line for each root that is no point, though it is called one
  public record Listing(List<RestorePoint> points, List<String> unreadable) {
    /// Copies the lists.
    public Listing {
      points = List.copyOf(points);
      unreadable = List.copyOf(unreadable);
    }
  }

  /// All points.
  public Listing list() throws IOException {
    Survey survey = survey();
    return new Listing(
        survey.points(), survey.damages().stream().map(StoreReport.Damage::what).toList());
  }

  /// What was found under the names of points, and what is damaged.
  ///
  /// @param points oldest first
  /// @param damages roots that cannot be read, by their objects, and roots that are no points
  ///   though they are called so, by their names
  public record Survey(List<RestorePoint> points, List<StoreReport.Damage> damages) {
    /// Copies the lists.
    public Survey {
      points = List.copyOf(points);
      damages = List.copyOf(damages);
    }
  }

  /// All points, and what may have been one.
  public Survey survey() throws IOException {
    RootSurvey found = store.surveyRoots();
    List<RestorePoint> points = new ArrayList<>();
    List<StoreReport.Damage> damages = new ArrayList<>(found.damages());
    for (Root root : found.roots()) {
      if (root.name().startsWith(PREFIX)) {
        try {
          points.add(read(root));
        } catch (DiskException e) {
          damages.add(new StoreReport.Damage(root.name(), String.valueOf(e.getMessage())));
        }
      }
    }
    points.sort(
        Comparator.comparing(RestorePoint::created).thenComparing(point -> point.id().toString()));
    return new Survey(points, damages);
  }

  /// Gives up what [#survey] found damaged.
  ///
  /// @param name as it is among the damages
  /// @throws NoSuchFileException when there is no such thing
  /// @throws FileAlreadyExistsException when it is no damaged one
  public void giveUp(String name) throws IOException {
    if (!name.startsWith(PREFIX)) {
      store.discardDamaged(name);
      return;
    }
    Root root =
        store
            .findRoot(name)
            .orElseThrow(() -> new NoSuchFileException(name, null, "no such restore point"));
    try {
      read(root);
    } catch (DiskException damaged) {
      store.removeRoot(name);
      return;
    }
    throw new FileAlreadyExistsException(name, null, "is a sound restore point");
  }

  /// The point in a root, which must have the name and the parts that it says.
  private static RestorePoint read(Root root) throws IOException {
    RestorePoint point = PointText.decode(root.name(), root.attributes());
    if (!point.rootName().equals(root.name())) {
      throw new CorruptImageException(
          "%s: holds the restore point %s".formatted(root.name(), point.id()));
    }
    part(root, FRAME);
    for (PartitionFacts partition : point.disk().partitions()) {
      if (partition.kept()) {
        part(root, partition.part());
      }
    }
    return point;
  }

  static ChunkId part(Root root, String name) throws CorruptImageException {
    ChunkId part = root.parts().get(name);
    if (part == null) {
      throw new CorruptImageException("%s: has no part %s".formatted(root.name(), name));
    }
    return part;
  }

  private Root root(RestorePoint point) throws IOException {
    return store
        .findRoot(point.rootName())
        .orElseThrow(() ->
            new NoSuchFileException(point.id().toString(), null, "no restore point any more"));
  }

  /// A point as the disk that it was made of, for reading; what is not kept reads as zeroes. The
  /// caller closes it, before the store.
  ///
  /// @throws CorruptImageException when its parts are not what it says
  public Disk open(RestorePoint point) throws IOException {
    return open(point, Disk.blank(0));
  }

  /// As [#open(RestorePoint)]; what another disk has at the same place is read from there, and only
  /// the rest from the store.
  ///
  /// @param seed compared with the point's hashes; open as long as the disk is read
  public Disk open(RestorePoint point, Disk seed) throws IOException {
    Root root = root(point);
    Disk frame = openPart(root, FRAME, point.disk().size(), seed);
    TreeMap<Long, Disk> parts = new TreeMap<>();
    for (PartitionFacts partition : point.disk().partitions()) {
      if (partition.kept()) {
        long from = Math.min(partition.start(), seed.size());
        Disk own = seed.slice(from, Math.min(partition.length(), seed.size() - from));
        parts.put(partition.start(), openPart(root, partition.part(), partition.length(), own));
      }
    }
    return Disk.spliced(frame, parts);
  }

  private Disk openPart(Root root, String name, long size, Disk seed) throws IOException {
    Disk disk = store.openDisk(part(root, name), seed);
    if (disk.size() != size) {
      throw new CorruptImageException(
          "%s: part %s: found %d bytes, expected %d"
              .formatted(root.name(), name, disk.size(), size));
    }
    return disk;
  }

  /// The packages that were installed in a point's disk.
  ///
  /// @return empty when that was not looked for or nothing was found, and of points that were made
  ///   by a Calco which did not keep them
  /// @throws CorruptImageException when the list is none
  public Optional<PackageList> packages(RestorePoint point) throws IOException {
    Root root = root(point);
    ChunkId part = root.parts().get(PACKAGES);
    if (part == null) {
      return Optional.empty();
    }
    StoredBlob blob = store.openBlob(part);
    if (blob.size() > PackageList.BYTES_MAX) {
      throw new CorruptImageException(
          "%s: the list of packages has %d bytes, expected at most %d"
              .formatted(root.name(), blob.size(), PackageList.BYTES_MAX));
    }
    byte[] bytes = new byte[Math.toIntExact(blob.size())];
    blob.read(0, MemorySegment.ofArray(bytes));
    return Optional.of(PackageList.decode(root.name(), bytes));
  }

  /// How much of a part two points do not have in common.
  ///
  /// @param before in the first point; empty when it is new
  /// @param after in the second; empty when it is gone
  /// @param bytes in chunks that are not the same
  public record PartDifference(
      Optional<PartitionFacts> before, Optional<PartitionFacts> after, long bytes) {}

  /// What two points do not have in common, by chunks; reads no content. The frame, which has
  /// neither partition, comes first.
  public List<PartDifference> compare(RestorePoint one, RestorePoint other) throws IOException {
    Root a = root(one);
    Root b = root(other);
    List<PartDifference> differences = new ArrayList<>();
    differences.add(
        new PartDifference(
            Optional.empty(), Optional.empty(), differing(part(a, FRAME), part(b, FRAME))));
    List<PartitionFacts> added = new ArrayList<>(kept(other));
    for (PartitionFacts before : kept(one)) {
      Optional<PartitionFacts> after =
          added.stream().filter(candidate -> candidate.sameAs(before)).findFirst();
      after.ifPresent(added::remove);
      long bytes =
          after.isPresent()
              ? differing(part(a, before.part()), part(b, after.get().part()))
              : before.length();
      differences.add(new PartDifference(Optional.of(before), after, bytes));
    }
    for (PartitionFacts after : added) {
      differences.add(new PartDifference(Optional.empty(), Optional.of(after), after.length()));
    }
    return differences;
  }

  private static List<PartitionFacts> kept(RestorePoint point) {
    return point.disk().partitions().stream().filter(PartitionFacts::kept).toList();
  }

  private long differing(ChunkId one, ChunkId other) throws IOException {
    long[] bytes = {0};
    store.compareDisks(one, other, (offset, length) -> bytes[0] += length);
    return bytes[0];
  }

  /// Copies a point to another store, under the same name: only what that one does not have is
  /// sent, packed as it is. Does nothing when it has the point and can read it. A copy that was cut
  /// off goes on where it was.
  ///
  /// @return what was stored there
  public UploadWork copyTo(RestorePoint point, RestorePoints other, JobContext job)
      throws IOException {
    return StoreCopy.copyRoot(store, other.store, point.rootName(), job);
  }

  /// True when a point's record is here and cannot be read.
  public boolean isDamaged(RestorePoint point) throws IOException {
    try {
      store.findRoot(point.rootName());
      return false;
    } catch (DiskException damaged) {
      return true;
    }
  }

  /// Copies what another store has lost of a point, once that store was repaired.
  ///
  /// @return what was stored there
  /// @throws DiskException when it is damaged here as well
  public UploadWork mendIn(RestorePoints other, RestorePoint point, JobContext job)
      throws IOException {
    return StoreCopy.mendRoot(store, other.store, point.rootName(), job);
  }

  /// Writes what is said of a point anew; its content stays.
  ///
  /// @throws NoSuchFileException when it is gone
  public void replace(RestorePoint changed) throws IOException {
    replaceAll(List.of(changed));
  }

  /// Likewise of several points, one after the other; when it fails some are as they were.
  public void replaceAll(Collection<RestorePoint> changed) throws IOException {
    try (Upload upload = store.beginUpload()) {
      for (RestorePoint point : changed) {
        upload.commitReplacing(point.rootName(), root(point).parts(), PointText.encode(point));
      }
    }
  }

  /// Forgets points, as [#remove(RestorePoint)]; when it fails some are there still.
  public void remove(Collection<RestorePoint> unwanted) throws IOException {
    store.removeRoots(unwanted.stream().map(RestorePoint::rootName).toList());
  }

  /// Forgets a point; what only it needed is garbage until the next collection. Does nothing when
  /// it is gone.
  public void remove(RestorePoint point) throws IOException {
    store.removeRoot(point.rootName());
  }
}
