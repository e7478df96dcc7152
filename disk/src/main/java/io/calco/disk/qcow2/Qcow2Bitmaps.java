package io.calco.disk.qcow2;

import io.calco.disk.DirtyBitmaps;
import io.calco.disk.HostFile;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// The dirty bitmaps of an open image.
///
/// @param editor what changes the image, once it was begun to
record Qcow2Bitmaps(HostFile file, Qcow2Header header, Supplier<Optional<Qcow2Editor>> editor)
    implements DirtyBitmaps {

  private Optional<BitmapSession> session() {
    return editor.get().map(Qcow2Editor::bitmaps);
  }

  private Bitmaps read() throws IOException {
    return Bitmaps.read(file, header);
  }

  private boolean isConsistent(Bitmaps.Bitmap bitmap) {
    return bitmap.known()
        && (!bitmap.inUse() || session().map(now -> now.follows(bitmap)).orElse(false));
  }

  @Override
  public List<DirtyBitmap> list() throws IOException {
    return read().bitmaps().stream()
        .map(bitmap ->
            new DirtyBitmap(
                bitmap.name(),
                1L << bitmap.granularityBits(),
                bitmap.auto() ? Recording.ENABLED : Recording.DISABLED,
                isConsistent(bitmap)))
        .toList();
  }

  private Bitmaps.Bitmap consistent(String name) throws IOException {
    Bitmaps.Bitmap bitmap = read().get(file, name);
    if (!isConsistent(bitmap)) {
      throw new UnsupportedFeatureException(
          ("%s: dirty bitmap \"%s\" is not consistent: it was in use when the image was not closed;"
                  + " it can only be removed")
              .formatted(file.name(), name));
    }
    return bitmap;
  }

  @Override
  public void forEachDirty(String name, RunSink sink) throws IOException {
    Bitmaps.Bitmap bitmap = consistent(name);
    boolean followed = session().map(now -> now.follows(bitmap)).orElse(false);
    BitmapContent.read(file, header.geometry(), bitmap, header.size())
        .forEachDirty(followed ? session().orElseThrow().written() : null, sink);
  }

  private interface Change {
    void apply(BitmapEditor bitmaps) throws IOException;
  }

  /// Changes bitmaps while none is in use because of us.
  private void change(Change change) throws IOException {
    BitmapSession running = session().orElseThrow();
    running.finish();
    try {
      change.apply(new BitmapEditor(editor.get().orElseThrow().image()));
    } finally {
      running.begin();
    }
  }

  private void replace(BitmapEditor bitmaps, Bitmaps all, Bitmaps.Bitmap changed, List<Long> freed)
      throws IOException {
    bitmaps.replaceDirectory(all, all.with(changed), freed);
  }

  @Override
  public void add(String name, long granularity, Recording recording) throws IOException {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    int bits = Long.numberOfTrailingZeros(granularity);
    if (header.geometry().version() < 3) {
      throw new UnsupportedFeatureException(
          file.name() + ": dirty bitmaps need version 3 (compat=1.1)");
    }
    if (bytes.length < 1 || bytes.length > Bitmaps.Bitmap.NAME_MAX || name.indexOf('\0') >= 0) {
      throw new UnsupportedFeatureException(
          "%s: a dirty bitmap's name has 1 to %d bytes, none of them zero"
              .formatted(file.name(), Bitmaps.Bitmap.NAME_MAX));
    }
    if (Long.bitCount(granularity) != 1
        || bits < Bitmaps.Bitmap.GRANULARITY_BITS_MIN
        || bits > Bitmaps.Bitmap.GRANULARITY_BITS_MAX) {
      throw new UnsupportedFeatureException(
          "%s: granularity %d: found no power of two from 512 to 2 GiB"
              .formatted(file.name(), granularity));
    }
    if (read().find(name).isPresent()) {
      throw new UnsupportedFeatureException(
          "%s: has a dirty bitmap \"%s\" already".formatted(file.name(), name));
    }
    int flags = recording == Recording.ENABLED ? Bitmaps.Bitmap.FLAG_AUTO : 0;
    change(bitmaps -> {
      Bitmaps all = read();
      int entries = BitmapContent.entriesFor(file, header.geometry(), bits, header.size());
      List<Bitmaps.Bitmap> more = new ArrayList<>(all.bitmaps());
      more.add(bitmaps.withTable(Bitmaps.Bitmap.of(bytes, bits, flags), new long[entries]));
      bitmaps.replaceDirectory(all, more, List.of());
    });
  }

  @Override
  public void remove(String name) throws IOException {
    read().get(file, name);
    change(bitmaps -> {
      Bitmaps all = read();
      Bitmaps.Bitmap gone = all.get(file, name);
      List<Bitmaps.Bitmap> rest =
          all.bitmaps().stream().filter(bitmap -> !bitmap.name().equals(name)).toList();
      bitmaps.replaceDirectory(all, rest, clusters(gone));
    });
  }

  /// The clusters of bits; none when the bitmap cannot be read, and they are leaked.
  private List<Long> clusters(Bitmaps.Bitmap bitmap) throws IOException {
    List<Long> clusters = new ArrayList<>();
    try {
      long[] table = BitmapContent.read(file, header.geometry(), bitmap, header.size()).table();
      for (long entry : table) {
        BitmapEditor.release(entry, clusters);
      }
    } catch (io.calco.disk.DiskException unreadable) {
      clusters.clear();
    }
    return clusters;
  }

  @Override
  public void clear(String name) throws IOException {
    consistent(name);
    change(bitmaps -> {
      Bitmaps all = read();
      Bitmaps.Bitmap bitmap = all.get(file, name);
      long[] empty = new long[bitmaps.content(bitmap).table().length];
      replace(bitmaps, all, bitmaps.withTable(bitmap, empty), clusters(bitmap));
    });
  }

  @Override
  public void setRecording(String name, Recording recording) throws IOException {
    consistent(name);
    change(bitmaps -> {
      Bitmaps all = read();
      boolean auto = recording == Recording.ENABLED;
      Bitmaps.Bitmap bitmap = all.get(file, name);
      replace(bitmaps, all, bitmap.withFlag(Bitmaps.Bitmap.FLAG_AUTO, auto), List.of());
    });
  }

  @Override
  public void mark(String name, List<Run> runs) throws IOException {
    consistent(name);
    change(bitmaps -> {
      Bitmaps all = read();
      List<Long> replaced = new ArrayList<>();
      Bitmaps.Bitmap changed = bitmaps.marked(all.get(file, name), runs, replaced);
      replace(bitmaps, all, changed, replaced);
    });
  }
}
