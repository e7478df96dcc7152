package io.calco.engine.images;

import io.calco.catalog.ImageData;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageLocation;
import io.calco.disk.HostFile;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.images.ImportRequest.Demand;
import io.calco.engine.images.ImportRequest.Targets;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// Content goes into several stores. While it does, the image says which are to come
/// (`os_glance_importing_to_stores`) and which failed (`os_glance_failed_import`).
///
/// Thread rule: safe for several threads.
final class ImportStores {
  private static final Logger LOG = System.getLogger(ImportStores.class.getName());

  private final Images images;
  private final ContentStores contents;

  ImportStores(Images images, ContentStores contents) {
    this.images = images;
    this.contents = contents;
  }

  /// The stores' names, each once and as they are configured.
  ///
  /// @throws OperationException REFUSED when one is none
  List<String> resolve(Targets targets) {
    List<String> known = contents.names();
    if (targets.reach() == ImportRequest.Reach.ALL) {
      return known;
    }
    for (String store : targets.stores()) {
      if (!known.contains(store)) {
        throw new OperationException(
            Kind.REFUSED,
            "Store for identifier %s not found"
                .formatted(store.substring(0, Math.min(store.length(), 80))));
      }
    }
    return targets.stores().isEmpty()
        ? List.of(contents.usual())
        : known.stream().filter(targets.stores()::contains).toList();
  }

  /// The image, which says where it is going.
  static ImageEntry begun(ImageEntry image, List<String> stores) {
    return ImageAttributes.withProperty(
        ImageAttributes.withProperty(image, ImageStates.IMPORTING_TO, String.join(",", stores)),
        ImageStates.FAILED_IMPORT,
        "");
  }

  /// The image, which says that an import failed wherever it was going.
  static ImageEntry failed(ImageEntry image) {
    String stores = image.properties().getOrDefault(ImageStates.IMPORTING_TO, "");
    return ImageAttributes.withProperty(
        ImageAttributes.withProperty(image, ImageStates.IMPORTING_TO, ""),
        ImageStates.FAILED_IMPORT,
        stores);
  }

  /// The image, after an import that was cut off: it failed, if it was going anywhere.
  static ImageEntry ended(ImageEntry image) {
    return image.properties().getOrDefault(ImageStates.IMPORTING_TO, "").isEmpty()
        ? image
        : failed(image);
  }

  /// Copies content into all of some stores, and reports how far it is.
  ///
  /// @param id whose it is
  /// @return the content where it now is: in these stores alone
  ImageData spread(String id, ImageData data, List<String> stores, Demand demand)
      throws IOException {
    List<ImageLocation> reached = new ArrayList<>();
    for (ImageLocation location : data.locations()) {
      if (stores.contains(ContentStores.storeOf(location.place()))) {
        reached.add(location);
        reached(id, ContentStores.storeOf(location.place()));
      }
    }
    List<ImageLocation> made = new ArrayList<>();
    try {
      for (String store : stores) {
        boolean there =
            reached.stream().anyMatch(each -> ContentStores.storeOf(each.place()).equals(store));
        if (!there && copyInto(id, data, store, demand, made)) {
          reached.add(made.getLast());
        }
      }
      if (reached.isEmpty()) {
        throw new OperationException(Kind.SYSTEM, "None of the stores took the image.");
      }
    } catch (IOException | RuntimeException e) {
      release(made, e);
      throw e;
    }
    return data.with(reached);
  }

  private boolean copyInto(
      String id, ImageData data, String store, Demand demand, List<ImageLocation> made)
      throws IOException {
    try {
      made.add(copy(data, store));
      reached(id, store);
      return true;
    } catch (IOException | RuntimeException e) {
      if (demand == Demand.ALL) {
        throw e;
      }
      LOG.log(Level.WARNING, () -> "image %s did not get into store %s".formatted(id, store), e);
      images.update(id, image -> missed(image, store));
      return false;
    }
  }

  private void release(List<ImageLocation> made, Exception failure) {
    for (ImageLocation each : made) {
      try {
        contents.release(each.place());
      } catch (IOException | RuntimeException e) {
        failure.addSuppressed(e);
      }
    }
  }

  private void reached(String id, String store) throws IOException {
    images.update(id, image -> without(image, store));
  }

  private static ImageEntry without(ImageEntry image, String store) {
    SortedSet<String> left = listed(image, ImageStates.IMPORTING_TO);
    left.remove(store);
    return ImageAttributes.withProperty(image, ImageStates.IMPORTING_TO, String.join(",", left));
  }

  private static ImageEntry missed(ImageEntry image, String store) {
    SortedSet<String> failed = listed(image, ImageStates.FAILED_IMPORT);
    failed.add(store);
    return ImageAttributes.withProperty(
        without(image, store), ImageStates.FAILED_IMPORT, String.join(",", failed));
  }

  private static SortedSet<String> listed(ImageEntry image, String property) {
    TreeSet<String> all = new TreeSet<>();
    for (String each : image.properties().getOrDefault(property, "").split(",")) {
      if (!each.isEmpty()) {
        all.add(each);
      }
    }
    return all;
  }

  /// Copies an image's content into further stores. It is active meanwhile.
  ///
  /// @throws OperationException NOT_FOUND when it was deleted meanwhile
  ImageEntry copy(String id, List<String> stores, Demand demand) throws IOException {
    List<ImageLocation> made = new ArrayList<>();
    try {
      ImageEntry image = images.find(id).orElseThrow(() -> Images.notFound(id));
      for (String store : stores) {
        ImageData data = image.data().orElseThrow(() -> Images.notFound(id));
        if (copyInto(id, data, store, demand, made)) {
          ImageLocation copy = made.getLast();
          image =
              images.update(
                  id, now -> now.with(now.status(), now.data().map(had -> had.and(copy))));
        }
      }
      return image;
    } catch (IOException | RuntimeException e) {
      undo(id, made, stores, e);
      throw e;
    }
  }

  private void undo(String id, List<ImageLocation> made, List<String> stores, Exception failure) {
    try {
      images.update(
          id,
          image -> {
            ImageEntry told = image;
            for (String store : stores) {
              told = missed(told, store);
            }
            return told.with(
                told.status(),
                told.data()
                    .map(data ->
                        data.with(
                            data.locations().stream().filter(at -> !made.contains(at)).toList())));
          });
    } catch (IOException | RuntimeException e) { // deleted meanwhile, for one
      failure.addSuppressed(e);
    }
    release(made, failure);
  }

  /// Copies content into a store, and makes sure that it is the same there.
  ImageLocation copy(ImageData data, String store) throws IOException {
    ContentIntake.Taken taken;
    try (HostFile file = contents.open(data.blob());
        InputStream in = new ContentStream(file)) {
      taken = ContentIntake.take(in, () -> contents.receive(store), data.size());
    }
    boolean same =
        taken.size() == data.size()
            && (data.sha256().isEmpty() || data.sha256().equals(taken.sha256()))
            && (data.sha512().isEmpty() || data.sha512().equals(taken.sha512()));
    if (!same) {
      OperationException other =
          new OperationException(
              Kind.CORRUPT,
              "%s is not what it was: it has %d bytes and SHA-512 %s"
                  .formatted(ContentStores.addressOf(data.blob()), taken.size(), taken.sha512()));
      release(List.of(ImageLocation.at(taken.blob())), other);
      throw other;
    }
    return ImageLocation.at(taken.blob());
  }
}
