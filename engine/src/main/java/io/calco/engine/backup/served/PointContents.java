package io.calco.engine.backup.served;

import io.calco.backup.RestorePoint;
import io.calco.backup.RestorePoints;
import io.calco.disk.DiskFile;
import io.calco.disk.HostFile;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.LimitExceededException;
import io.calco.engine.GuestOptions;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.AuditLog;
import io.calco.engine.audit.Deed;
import io.calco.engine.audit.Target;
import io.calco.engine.backup.served.ServedBackups.Found;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ExportFormat;
import io.calco.engine.images.ImageExport;
import io.calco.engine.images.VolumeFilling;
import io.calco.engine.images.VolumeMaps;
import io.calco.engine.images.WatchedFile;
import io.calco.engine.inside.Comparison;
import io.calco.engine.inside.Difference;
import io.calco.engine.inside.FileEntry;
import io.calco.engine.inside.GuestFiles;
import io.calco.engine.inside.GuestPath;
import io.calco.engine.inside.VolumeUse;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What is in restore points. What does not change is remembered.
///
/// Thread rule: safe for several threads.
public final class PointContents {
  private static final Logger LOG = System.getLogger(PointContents.class.getName());
  private static final Duration MAP_MOST = Duration.ofSeconds(4);
  private static final Duration LOOK_MOST = Duration.ofSeconds(20);
  private static final Duration COMPARE_MOST = Duration.ofSeconds(25);
  private static final int REMEMBERED = 300;
  private static final int SENT_AT_ONCE = 8;
  private static final int DIFFERENCES_MAX = 1000;

  /// How many names of a directory are told at once.
  public static final int PAGE = 500;

  /// Looking reads file systems: many at once would only slow each other down.
  private static final int AT_ONCE = 4;

  private final ServedBackups backups;
  private final AuditLog audit;
  private final Semaphore sending = new Semaphore(SENT_AT_ONCE);
  private final Semaphore running = new Semaphore(AT_ONCE, true);
  private final Remembered<List<VolumeFilling>> maps = new Remembered<>();
  private final Remembered<List<VolumeUse>> volumes = new Remembered<>();

  /// Of the points in these repositories.
  public PointContents(ServedBackups backups, AuditLog audit) {
    this.backups = backups;
    this.audit = audit;
  }

  /// Values by points; the ones that were asked for last are kept.
  private static final class Remembered<T> {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, T> known =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
            return size() > REMEMBERED;
          }
        };

    @Nullable T find(String key) {
      lock.lock();
      try {
        return known.get(key);
      } finally {
        lock.unlock();
      }
    }

    void put(String key, T value) {
      lock.lock();
      try {
        known.put(key, value);
      } finally {
        lock.unlock();
      }
    }
  }

  private static String key(Found found) {
    return found.repository() + "/" + found.point().id();
  }

  /// A point's disk as a file; holds nothing open but the repository.
  private HostFile open(Found found) throws IOException {
    RestorePoint point = found.point();
    return new DiskFile(name(found), backups.backups(found.repository()).open(point));
  }

  /// What messages call a point.
  private static String name(Found found) {
    return found.point().machine() + "@" + found.point().id().toString().substring(0, 8);
  }

  /// A directory in a point.
  ///
  /// @param volumes all file systems that can be read
  /// @param place where it is, as [GuestPath] has it: `/etc`, `p2:/EFI`
  /// @param part what is in it
  public record Directory(List<VolumeUse> volumes, GuestPath place, GuestFiles.Part part) {
    /// Copies the list.
    public Directory {
      volumes = List.copyOf(volumes);
    }
  }

  private static GuestOptions options() {
    return GuestOptions.of(ImageOptions.reading());
  }

  private Image image(Found found, Duration most) throws IOException {
    return Image.openOwning(
        new WatchedFile(open(found), most, () -> false), ImageOptions.reading().withFormat("raw"));
  }

  /// The file systems in a point that can be read.
  public List<VolumeUse> volumes(Found found) throws IOException {
    List<VolumeUse> known = volumes.find(key(found));
    if (known != null) {
      return known;
    }
    return inTurn(() -> {
      List<VolumeUse> looked = VolumeUse.ofOwning(image(found, LOOK_MOST), options());
      volumes.put(key(found), looked);
      return looked;
    });
  }

  /// Some of what is in a directory.
  ///
  /// @param place `/etc` in the tree that the guest mounts, `p2:/etc` in a partition; empty for the
  ///   root
  /// @param from how many names come before
  /// @throws OperationException NOT_FOUND when there is none
  public Directory list(Found found, String place, int from) throws IOException {
    List<VolumeUse> there = volumes(found);
    GuestPath path = GuestPath.inside(Path.of(name(found)), place);
    return inTurn(() -> {
      try (GuestFiles files = GuestFiles.openOwning(image(found, LOOK_MOST), path, options())) {
        return new Directory(there, path, files.list(path.path(), from, PAGE));
      }
    });
  }

  /// A file of a point, open to be sent.
  public final class SavedFile implements AutoCloseable {
    private final GuestFiles files;
    private final FileEntry entry;

    private SavedFile(GuestFiles files, FileEntry entry) {
      this.files = files;
      this.entry = entry;
    }

    /// What is known of it; a regular file.
    public FileEntry entry() {
      return entry;
    }

    /// Sends all of it.
    public void send(OutputStream to) throws IOException {
      files.cat(entry.path(), to);
    }

    @Override
    public void close() throws IOException {
      sending.release();
      files.close();
    }
  }

  /// Opens a file to be sent. The audit log has it.
  ///
  /// @throws OperationException NOT_FOUND when there is none, USAGE when it is no regular file,
  ///   BUSY when too many are being sent
  public SavedFile file(Caller caller, Found found, String place) throws IOException {
    ServedBackups.requireAdmin(caller);
    takeTurn();
    try {
      GuestPath path = GuestPath.inside(Path.of(name(found)), place);
      Image image = Image.openOwning(open(found), ImageOptions.reading().withFormat("raw"));
      GuestFiles files = GuestFiles.openOwning(image, path, options());
      try {
        FileEntry entry = files.get(path.path());
        if (entry.kind() != FileEntry.Kind.FILE) {
          throw new OperationException(
              Kind.USAGE, "%s: is no regular file, and cannot be saved".formatted(path));
        }
        audit.doneOften(deed(caller, found).with(place));
        return new SavedFile(files, entry);
      } catch (IOException | RuntimeException e) {
        try (files) {
          throw e;
        }
      }
    } catch (IOException | RuntimeException e) {
      sending.release();
      throw e;
    }
  }

  private void takeTurn() {
    if (!sending.tryAcquire()) {
      throw new OperationException(
          Kind.BUSY, "Too many restore points are being sent; try again in a while.");
    }
  }

  private static Deed deed(Caller caller, Found found) {
    return new Deed(
        caller.actor(),
        Action.BACKUP_DOWNLOAD,
        new Target(found.point().id().toString(), found.point().machine()));
  }

  /// A point's disk as a file of some format, open to be sent: of known length, the same bytes each
  /// time. The audit log has it.
  ///
  /// @throws OperationException USAGE when no format is named; BUSY when too many are being sent
  public ImageExport export(Caller caller, Found found, ExportFormat how, JobContext job)
      throws IOException {
    ServedBackups.requireAdmin(caller);
    if (how.format().isEmpty()) {
      throw new OperationException(Kind.USAGE, "A restore point is sent in a format: name one.");
    }
    audit.doneOften(deed(caller, found).with(how.format().get()));
    return export(found, how, job);
  }

  ImageExport export(Found found, ExportFormat how, JobContext job) throws IOException {
    RestorePoint point = found.point();
    return ImageExport.ofDiskOwning(
        backups.backups(found.repository()).open(point),
        point.machine() + "-" + point.created().toString().substring(0, 10),
        point.id(),
        point.created(),
        how,
        job);
  }

  /// How files of two points differ.
  ///
  /// @param differences in the order of their paths
  /// @param whole false when there are more, or when it took too long to find all
  public record FileDifferences(List<Difference> differences, boolean whole) {
    /// Copies the list.
    public FileDifferences {
      differences = List.copyOf(differences);
    }
  }

  /// How much of two points' partitions differs; the frame comes first.
  public List<RestorePoints.PartDifference> compare(Found one, RestorePoint other)
      throws IOException {
    return backups.backups(one.repository()).compare(one.point(), other);
  }

  /// How the files below a place differ between two points of one repository.
  ///
  /// @param place as for [#list]
  public FileDifferences compareFiles(Found one, Found other, String place, Comparison.Depth depth)
      throws IOException {
    GuestPath before = GuestPath.inside(Path.of(name(one)), place);
    GuestPath after = GuestPath.inside(Path.of(name(other)), place);
    List<Difference> found = new ArrayList<>();
    Instant end = Instant.now().plus(COMPARE_MOST);
    return inTurn(() -> {
      try (GuestFiles first = GuestFiles.openOwning(image(one, COMPARE_MOST), before, options());
          GuestFiles second = GuestFiles.openOwning(image(other, COMPARE_MOST), after, options())) {
        Limited limited = new Limited(found, end);
        Comparison.Finding finding =
            difference -> {
              found.add(difference);
              limited.checkCancelled();
            };
        Comparison.compare(first, before.path(), second, after.path(), depth, finding, limited);
        return new FileDifferences(found, true);
      } catch (CancellationException | LimitExceededException enough) {
        return new FileDifferences(
            found.subList(0, Math.min(found.size(), DIFFERENCES_MAX)), false);
      }
    });
  }

  /// Ends a comparison that finds too much, or takes too long.
  private record Limited(List<Difference> found, Instant end) implements JobContext {
    @Override
    public void progress(String step, long done, long total) {}

    @Override
    public void checkCancelled() {
      if (found.size() >= DIFFERENCES_MAX || Instant.now().isAfter(end)) {
        throw new CancellationException();
      }
    }
  }

  /// Where the blocks in use lie in a point's file systems, for a picture; none where that takes
  /// too long.
  public List<VolumeFilling> maps(Found found) {
    List<VolumeFilling> known = maps.find(key(found));
    if (known != null) {
      return known;
    }
    try {
      return inTurn(() -> {
        List<VolumeFilling> looked = VolumeMaps.ofRawOwning(open(found), MAP_MOST);
        maps.put(key(found), looked);
        return looked;
      });
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.DEBUG, () -> name(found) + " was not mapped: " + e.getMessage());
      return List.of();
    }
  }

  private interface Look<T> {
    T get() throws IOException;
  }

  private <T> T inTurn(Look<T> look) throws IOException {
    running.acquireUninterruptibly();
    try {
      return look.get();
    } finally {
      running.release();
    }
  }
}
