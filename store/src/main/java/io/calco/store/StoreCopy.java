package io.calco.store;

import io.calco.disk.DiskException;
import io.calco.disk.JobContext;
import io.calco.disk.ThreadEnd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/// Copies roots, and the pieces they lead to, to another store, which may have another key.
///
/// Every piece is compared with its identity as it leaves; what the other store has already is not
/// sent. With the same key it is not even read, so that a copy that was cut off goes on where it
/// was; with another it is read, since only its bytes tell what it is called there. Pieces stay
/// packed as they are. Roots keep their names, times and attributes, and appear when all that they
/// lead to is on the medium, the oldest first.
///
/// Works beside uploads and collections on either side: what a collection moves is found again, and
/// a root that is removed meanwhile is passed over.
///
/// Confined.
public final class StoreCopy {
  /// Roots are put when so many bytes have been sent since the last.
  private static final long BATCH = 128L << 20;

  /// Bytes of pieces under way.
  private static final int UNDER_WAY = 8 << 20;

  private static final int UNDER_WAY_MAX = 16;

  private final Store from;
  private final Store to;
  private final JobContext job;
  private final boolean sameKey;
  private final ExecutorService threads;

  /// What a record or page is called there, and its bytes that are no zeroes.
  private record Copied(ChunkId there, long data) {}

  private final Map<ChunkId, Copied> known = new HashMap<>();

  private final AtomicLong pieces = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong fresh = new AtomicLong();
  private final List<CopyReport.FailedRoot> failed = new ArrayList<>();
  private final Map<Root, SequencedMap<String, ChunkId>> ready = new LinkedHashMap<>();
  private long readyBytes;
  private long done;
  private long total;

  private StoreCopy(Store from, Store to, JobContext job, ExecutorService threads) {
    this.from = from;
    this.to = to;
    this.job = job;
    this.threads = threads;
    this.sameKey =
        from.encrypted() == to.encrypted()
            && Arrays.equals(from.cipher().keyCheck(), to.cipher().keyCheck());
  }

  /// The roots that [#copy] would copy.
  public static List<Root> missing(Store from, Store to, Predicate<Root> wanted)
      throws IOException {
    Map<String, Root> there = new HashMap<>();
    to.surveyRoots().roots().forEach(root -> there.put(root.name(), root));
    return from.surveyRoots().roots().stream()
        .filter(wanted)
        .filter(root -> !isCopy(there.get(root.name()), root))
        .sorted(Comparator.comparing(Root::created).thenComparing(Root::name))
        .toList();
  }

  /// Copies the roots that are wanted and not there; a root of the same name that is another is
  /// replaced.
  ///
  /// @param wanted which
  /// @throws IOException when the other store cannot be written, or this one not be reached
  /// @throws java.util.concurrent.CancellationException when the job was cancelled; what was copied
  ///   is not copied again
  public static CopyReport copy(Store from, Store to, Predicate<Root> wanted, JobContext job)
      throws IOException {
    List<Root> roots = missing(from, to, wanted);
    RootSurvey survey = from.surveyRoots();
    long all = survey.roots().stream().filter(wanted).count();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Upload upload = to.beginUpload()) {
      StoreCopy copy = new StoreCopy(from, to, job, threads);
      copy.run(roots, upload);
      int copied = roots.size() - copy.failed.size();
      return new CopyReport(
          copied,
          (int) Math.max(0, all - roots.size()),
          copy.pieces.get(),
          copy.bytes.get(),
          copy.failed);
    }
  }

  /// Copies one root, unless the other store has one of its name that can be read.
  ///
  /// @return what was stored there: nothing, when it was there
  /// @throws NoSuchFileException when there is no such root
  /// @throws DiskException when it, or what it leads to, is damaged
  /// @throws IOException and so on as [#copy]
  public static UploadWork copyRoot(Store from, Store to, String name, JobContext job)
      throws IOException {
    return has(to, name) ? new UploadWork(0, 0, 0, 0) : mendRoot(from, to, name, job);
  }

  /// Copies what the other store has lost of a root: pieces, and the root if it cannot be read
  /// there. What that store believes to have is not sent, so it has to be repaired before.
  ///
  /// @return what was stored there
  /// @throws NoSuchFileException when there is no such root here
  /// @throws DiskException when it, or what it leads to, is damaged here
  /// @throws IOException and so on as [#copy]
  public static UploadWork mendRoot(Store from, Store to, String name, JobContext job)
      throws IOException {
    Root root =
        from.findRoot(name).orElseThrow(() -> new NoSuchFileException(name, null, "no such root"));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Upload upload = to.beginUpload()) {
      StoreCopy copy = new StoreCopy(from, to, job, threads);
      long data = 0;
      SequencedMap<String, ChunkId> parts = new LinkedHashMap<>();
      copy.countSizes(root);
      for (Map.Entry<String, ChunkId> part : root.parts().entrySet()) {
        Copied copied = copy.copyImage(part.getValue(), upload);
        parts.put(part.getKey(), copied.there);
        data += copied.data;
      }
      if (has(to, name)) {
        Root there = to.findRoot(name).orElseThrow();
        upload.commitReplacing(name, there.parts(), there.attributes());
      } else {
        upload.commitCopy(root, parts);
      }
      return new UploadWork(data, copy.fresh.get(), copy.bytes.get() + upload.work().stored(), 0);
    }
  }

  /// True when a root is there; a damaged one is replaced.
  private static boolean has(Store store, String name) throws IOException {
    try {
      return store.findRoot(name).isPresent();
    } catch (DiskException damaged) {
      return false;
    }
  }

  private static boolean isCopy(@org.jspecify.annotations.Nullable Root there, Root root) {
    return there != null
        && there.created().equals(root.created())
        && there.attributes().equals(root.attributes())
        && List.copyOf(there.parts().keySet()).equals(List.copyOf(root.parts().keySet()));
  }

  private void run(List<Root> roots, Upload upload) throws IOException {
    for (Root root : roots) {
      countSizes(root);
    }
    for (Root root : roots) {
      copy(root, upload);
      if (bytes.get() - readyBytes >= BATCH) {
        putReady(upload);
      }
    }
    putReady(upload);
  }

  private void countSizes(Root root) throws IOException {
    for (ChunkId part : root.parts().values()) {
      total += sizeOf(part);
    }
  }

  /// How many bytes an image has; 0 when that cannot be read, which is told later.
  private long sizeOf(ChunkId record) throws IOException {
    try {
      return record(record).size();
    } catch (DiskException toldLater) {
      return 0;
    }
  }

  private ImageRecord record(ChunkId id) throws IOException {
    return ImageRecord.decode(
        from.backend().place(), id, from.reader().readCompared(Kind.RECORD, id));
  }

  private void copy(Root root, Upload upload) throws IOException {
    SequencedMap<String, ChunkId> parts = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, ChunkId> part : root.parts().entrySet()) {
        parts.put(part.getKey(), copyImage(part.getValue(), upload).there);
      }
      ready.put(root, parts);
    } catch (DiskException damaged) {
      if (from.findRoot(root.name()).isPresent()) {
        failed.add(new CopyReport.FailedRoot(root.name(), String.valueOf(damaged.getMessage())));
      }
    }
  }

  private void putReady(Upload upload) throws IOException {
    for (Map.Entry<Root, SequencedMap<String, ChunkId>> copied : ready.entrySet()) {
      upload.commitCopy(copied.getKey(), copied.getValue());
    }
    ready.clear();
    readyBytes = bytes.get();
  }

  private Copied copyImage(ChunkId id, Upload upload) throws IOException {
    Copied copied = known.get(id);
    if (copied != null) {
      return copied;
    }
    ImageRecord record = record(id);
    long data = 0;
    ByteArrayOutputStream pages = new ByteArrayOutputStream();
    byte[] name = new byte[ChunkId.BYTES];
    for (int number = 0; number < record.pages(); number++) {
      job.checkCancelled();
      Copied page = copyPage(record, number, upload);
      page.there.write(name, 0);
      pages.writeBytes(name);
      data += page.data;
    }
    byte[] written =
        new ImageRecord(
                record.type(),
                record.chunkLength(),
                record.size(),
                record.pageChunks(),
                pages.toByteArray())
            .encode();
    copied = new Copied(upload.added(upload.store(Kind.RECORD, written, written.length)), data);
    known.put(id, copied);
    return copied;
  }

  private Copied copyPage(ImageRecord record, int number, Upload upload) throws IOException {
    ChunkId id = record.page(number);
    int chunks = record.chunksIn(number);
    Copied copied = id.equals(ChunkId.HOLE) ? new Copied(ChunkId.HOLE, 0) : known.get(id);
    if (copied == null) {
      byte[] page = from.reader().readCompared(Kind.PAGE, id);
      ChunkMap.checkPage(record, number, page);
      byte[] written = copyChunks(page, chunks, record.chunkLength(), upload);
      long first = (long) number * record.pageChunks();
      long data = 0;
      for (int i = 0; i < chunks; i++) {
        boolean hole = ChunkId.read(page, i * ChunkId.BYTES).equals(ChunkId.HOLE);
        data += hole ? 0 : record.lengthOf(first + i);
      }
      copied = new Copied(upload.store(Kind.PAGE, written, written.length), data);
      known.put(id, copied);
    } else {
      done += (long) chunks * record.chunkLength();
    }
    return copied;
  }

  /// A chunk on its way, and its place in the page.
  private record Step(int place, Future<ChunkId> chunk) {}

  private byte[] copyChunks(byte[] page, int chunks, int chunkLength, Upload upload)
      throws IOException {
    byte[] written = new byte[page.length];
    int most = Math.clamp(UNDER_WAY / chunkLength, 2, UNDER_WAY_MAX);
    ArrayDeque<Step> underWay = new ArrayDeque<>();
    try {
      for (int i = 0; i < chunks; i++) {
        ChunkId id = ChunkId.read(page, i * ChunkId.BYTES);
        done += chunkLength;
        if (id.equals(ChunkId.HOLE)) {
          continue;
        }
        if (underWay.size() >= most) {
          take(underWay.remove(), written);
        }
        job.checkCancelled();
        underWay.add(new Step(i * ChunkId.BYTES, threads.submit(() -> copyChunk(id, upload))));
      }
      while (!underWay.isEmpty()) {
        take(underWay.remove(), written);
      }
      return written;
    } finally {
      underWay.forEach(step -> Workers.settle(step.chunk));
    }
  }

  private void take(Step step, byte[] written) throws IOException {
    ThreadEnd.result(step.chunk).write(written, step.place);
    job.progress("copying", Math.min(done, total), total);
  }

  private ChunkId copyChunk(ChunkId id, Upload upload) throws IOException {
    if (sameKey && upload.has(id)) {
      return id;
    }
    PieceReader.PackedPiece piece = from.reader().readPacked(Kind.DATA, id);
    int length = piece.plain.length;
    ChunkId there = sameKey ? id : to.cipher().identify(Kind.DATA, piece.plain, length);
    if (!upload.has(there)) {
      to.writer().add(Kind.DATA, there, length, piece.codec, piece.packed, piece.packed.length);
      pieces.incrementAndGet();
      bytes.addAndGet(piece.packed.length);
      fresh.addAndGet(length);
    }
    return there;
  }
}
