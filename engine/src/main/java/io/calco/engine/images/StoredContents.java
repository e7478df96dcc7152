package io.calco.engine.images;

import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.ReadOnlyFile;
import io.calco.engine.Home;
import io.calco.engine.store.HomeStore;
import io.calco.engine.store.StoreSecret;
import io.calco.engine.store.StoreUpkeep;
import io.calco.store.BlobWriter;
import io.calco.store.ChunkId;
import io.calco.store.CollectionReport;
import io.calco.store.Root;
import io.calco.store.Store;
import io.calco.store.StoredBlob;
import io.calco.store.Upload;
import io.calco.sys.ProcessMark;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.WritableByteChannel;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Content in the store: each has a root of its own, `image/UUID`, whose part `content` is a blob.
///
/// Thread rule: safe for several threads.
public final class StoredContents implements ImageContents, StoreUpkeep.Collected {
  private static final String PREFIX = "image/";
  private static final String PART = "content";

  /// Longer than any process takes from giving content its name to recording the image.
  private static final Duration STRAY_AFTER = Duration.ofHours(1);

  /// What of a root says which process made it.
  private static final Pattern MADE_BY = Pattern.compile("\\{\"process\":\"([0-9a-f-]{1,40})\"}");

  private final Store store;

  /// Held while a root is replaced or removed: what was let go is never described again.
  private final ReentrantLock changing = new ReentrantLock();

  private final AtomicLong leavings = new AtomicLong();

  private StoredContents(Store store) {
    this.store = store;
  }

  /// Opens a home's store, and makes it if it is not there.
  ///
  /// @param secret opens it; stays the caller's to close
  /// @throws io.calco.engine.OperationException as [HomeStore#ofOrCreate]
  public static StoredContents open(Home home, StoreSecret secret) throws IOException {
    Store store = HomeStore.ofOrCreate(home, secret).open();
    try {
      store.refresh(); // now rather than while the first request waits
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
    return new StoredContents(store);
  }

  @Override
  public Incoming receive() throws IOException {
    Upload upload = store.beginUpload();
    try {
      return new IncomingBlob(upload, upload.newBlob(), store.chunkLength());
    } catch (RuntimeException e) {
      try (upload) {
        throw e;
      }
    }
  }

  private StoredBlob find(String blob) throws IOException {
    Root root =
        store
            .findRoot(blob)
            .orElseThrow(() -> new NoSuchFileException(blob, null, "not in the store"));
    ChunkId content = root.parts().get(PART);
    if (content == null) {
      throw new NoSuchFileException(blob, null, "not content of an image");
    }
    return store.openBlob(content);
  }

  @Override
  public HostFile open(String blob) throws IOException {
    return new StoredFile(blob, find(blob));
  }

  @Override
  public void writeTo(String blob, WritableByteChannel out, long offset, long length)
      throws IOException {
    find(blob).writeTo(out, offset, length);
  }

  @Override
  public void release(String blob) throws IOException {
    changing.lock();
    try {
      store.removeRoot(blob);
    } finally {
      changing.unlock();
    }
    leavings.incrementAndGet();
  }

  @Override
  public long leavings() {
    return leavings.get();
  }

  @Override
  public CollectionReport collect(JobContext job) throws IOException {
    return store.collect(job);
  }

  @Override
  public void describe(String blob, String description) throws IOException {
    changing.lock();
    try {
      if (isNews(store.findRoot(blob), description)) {
        try (Upload upload = store.beginUpload()) {
          Optional<Root> root = store.findRoot(blob); // what it leads to is kept from here on
          if (root.isPresent()) {
            upload.commitReplacing(blob, root.get().parts(), description);
          }
        }
      }
    } finally {
      changing.unlock();
    }
  }

  private static boolean isNews(Optional<Root> root, String description) {
    return root.isPresent() && !root.get().attributes().equals(description);
  }

  @Override
  public Map<String, String> descriptions() throws IOException {
    Map<String, String> all = new LinkedHashMap<>();
    for (Root root : store.listRoots()) {
      if (root.name().startsWith(PREFIX) && ImageDescription.isOne(root.attributes())) {
        all.put(root.name(), root.attributes());
      }
    }
    return all;
  }

  /// What is described was an image's: the catalogue tells when it is no more, and content that an
  /// old catalogue does not know stays.
  @Override
  public void sweep(Known known) throws IOException {
    Instant old = Instant.now().minus(STRAY_AFTER);
    List<String> strays = new ArrayList<>();
    for (Root root : store.listRoots()) {
      if (root.name().startsWith(PREFIX)
          && !ImageDescription.isOne(root.attributes())
          && (root.created().isBefore(old) || isOrphan(root))) {
        strays.add(root.name());
      }
    }
    if (!strays.isEmpty()) {
      strays.removeAll(known.read()); // now that whoever made them records nothing any more
    }
    for (String stray : strays) {
      release(stray);
    }
  }

  /// True when the process that made it has ended: nobody will record it any more.
  private static boolean isOrphan(Root root) {
    Matcher maker = MADE_BY.matcher(root.attributes());
    return maker.matches()
        && ProcessMark.parse(maker.group(1))
            .map(mark -> mark.state() == ProcessMark.State.ENDED)
            .orElse(false);
  }

  @Override
  public void close() throws IOException {
    store.close();
  }

  private final class IncomingBlob implements Incoming {
    private final Upload upload;
    private final BlobWriter blob;
    private final int pieceLength;
    private boolean finished;

    IncomingBlob(Upload upload, BlobWriter blob, int pieceLength) {
      this.upload = upload;
      this.blob = blob;
      this.pieceLength = pieceLength;
    }

    @Override
    public int pieceLength() {
      return pieceLength;
    }

    @Override
    public void write(byte[] bytes, int length, Runnable done) throws IOException {
      blob.writeChunk(bytes, length, done);
    }

    @Override
    public String finish() throws IOException {
      LinkedHashMap<String, ChunkId> parts = new LinkedHashMap<>();
      parts.put(PART, blob.finish());
      String maker = "{\"process\":\"%s\"}".formatted(ProcessMark.self());
      String name = upload.commit(PREFIX + UUID.randomUUID(), parts, maker).name();
      finished = true;
      return name;
    }

    @Override
    public void close() throws IOException {
      try (upload) {
        blob.close();
      } finally {
        if (!finished) {
          leavings.incrementAndGet();
        }
      }
    }
  }

  /// A blob, as image formats read files.
  private static final class StoredFile extends ReadOnlyFile {
    private final StoredBlob blob;

    StoredFile(String name, StoredBlob blob) {
      super(name);
      this.blob = blob;
    }

    @Override
    public long size() {
      return blob.size();
    }

    @Override
    public void read(long offset, MemorySegment dst) throws IOException {
      long end = endOf(offset, dst);
      if (end > blob.size()) {
        throw endsBefore(blob.size(), end);
      }
      blob.read(offset, dst);
    }

    @Override
    public long nextData(long offset) throws IOException {
      return blob.nextData(Math.min(offset, blob.size()));
    }

    @Override
    public long nextHole(long offset) throws IOException {
      return blob.nextHole(Math.min(offset, blob.size()));
    }

    @Override
    public void close() {}
  }
}
