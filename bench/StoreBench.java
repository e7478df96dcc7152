import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.store.ChunkId;
import io.calco.store.NewStore;
import io.calco.store.Root;
import io.calco.store.Store;
import io.calco.store.StoreKey;
import io.calco.store.StoreOptions;
import io.calco.store.StoredBlob;
import io.calco.store.Upload;
import io.calco.store.backend.LocalDirectory;
import io.calco.store.backend.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Map;

/// Times a store, in one process: prints the seconds of each step and the bytes the store has after it.
///
/// `STORE add NAME IMAGE`, `blob NAME FILE`, `get NAME`, `remove NAME`, `verify`, `collect`: any number of them, one after the other.
/// `-Dlevel=3` of Zstandard, `-Dchunk=512` KiB.
final class StoreBench {
  public static void main(String[] words) throws Exception {
    LocalDirectory backend = LocalDirectory.create(Path.of(words[0]));
    try {
      Store.create(backend, NewStore.plain().withChunkLength(Integer.getInteger("chunk", 512) << 10));
    } catch (FileAlreadyExistsException there) {
      // Goes on with it.
    }
    long begin = System.nanoTime();
    try (Store store = Store.open(backend, StoreKey.none(), StoreOptions.defaults().withLevel(Integer.getInteger("level", 3)))) {
      show("open", begin, backend);
      for (int i = 1; i < words.length; ) {
        begin = System.nanoTime();
        String what = words[i++];
        String name = what.equals("verify") || what.equals("collect") ? "" : words[i++];
        switch (what) {
          case "add" -> add(store, name, Path.of(words[i++]));
          case "blob" -> blob(store, name, Path.of(words[i++]));
          case "get" -> get(store, name);
          case "remove" -> store.removeRoot(name);
          case "collect" -> System.out.println(store.collect(JobContext.SILENT));
          case "verify" -> System.out.println(Store.verify(backend, StoreKey.none(), JobContext.SILENT));
          default -> throw new IllegalArgumentException(what);
        }
        show(what + " " + name, begin, backend);
      }
    }
  }

  private static void show(String step, long begin, LocalDirectory backend) throws IOException {
    double seconds = (System.nanoTime() - begin) / 1e9;
    long bytes = backend.list("").stream().mapToLong(StoredObject::size).sum();
    System.out.printf("%-24s %7.3f s %,15d bytes in %d objects%n", step, seconds, bytes, backend.list("").size());
  }

  private static void add(Store store, String name, Path file) throws IOException {
    try (Image image = Image.open(file, ImageOptions.reading()); Upload upload = store.beginUpload()) {
      upload.commit(name, new LinkedHashMap<>(Map.of("disk", upload.addDisk(image.disk(), JobContext.SILENT))), "{}");
    }
  }

  private static void blob(Store store, String name, Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file); Upload upload = store.beginUpload()) {
      upload.commit(name, new LinkedHashMap<>(Map.of("blob", upload.addBlob(in, JobContext.SILENT))), "{}");
    }
  }

  private static void get(Store store, String name) throws IOException {
    Root root = store.findRoot(name).orElseThrow();
    ChunkId id = root.parts().firstEntry().getValue();
    if (root.parts().containsKey("blob")) {
      StoredBlob blob = store.openBlob(id);
      blob.writeTo(Channels.newChannel(OutputStream.nullOutputStream()), 0, blob.size());
    } else {
      try (var disk = store.openDisk(id)) {
        byte[] piece = new byte[1 << 20];
        for (long at = 0; at < disk.size(); ) {
          var extent = disk.extentAt(at, Math.min(piece.length, disk.size() - at));
          if (!extent.readsZero()) {
            disk.read(at, java.lang.foreign.MemorySegment.ofArray(piece).asSlice(0, extent.length()));
          }
          at = extent.end();
        }
      }
    }
  }
}
