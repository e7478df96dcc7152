package io.calco.engine.images;

import io.calco.catalog.ImageCatalog;
import io.calco.catalog.ImageData;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageQuery;
import io.calco.catalog.ImageTask;
import io.calco.engine.Calco;
import io.calco.engine.audit.AuditLog;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The images of a home, served. One process serves a home.
///
/// Thread rule: safe for several threads.
public final class ImageService implements AutoCloseable {
  private final Images images;
  private final ImageSharing sharing;
  private final ImageTransfers transfers;
  private final ImageImports imports;
  private final ImageLocations locations;
  private final ImageCache cache;
  private final ImageInspections inspections;
  private final ImageExports exports;
  private final ImageMaps maps;
  private final ImageNames names;
  private final ImageOrigins origins;
  private final ImageTaking taking;
  private final ImageDoctor doctor;
  private final BackgroundTasks tasks;
  private final ContentStores contents;
  private final ImageDescriptions descriptions;

  private ImageService(
      ImageCatalog catalog,
      ContentStores contents,
      AuditLog audit,
      Settings settings,
      ImageDescriptions descriptions) {
    this.contents = contents;
    this.descriptions = descriptions;
    images = new Images(catalog, settings.limits(), contents, audit);
    sharing = new ImageSharing(catalog, images, settings.limits());
    cache = new ImageCache(catalog, images, contents);
    inspections = new ImageInspections(catalog, images, contents);
    exports = new ImageExports(images, contents);
    maps = new ImageMaps(images, contents);
    transfers =
        new ImageTransfers(
            images,
            contents,
            settings.check(),
            new TrustedCertificates(settings.certificates()),
            cache,
            inspections);
    tasks = new BackgroundTasks(catalog);
    imports = new ImageImports(catalog, images, transfers, contents, settings, tasks);
    names = new ImageNames(catalog, images);
    origins = new ImageOrigins(catalog, images);
    doctor = new ImageDoctor(catalog, contents);
    taking = new ImageTaking(catalog, images, contents, settings, transfers, inspections);
    locations = new ImageLocations(images, contents, settings, tasks);
  }

  /// How images are served.
  ///
  /// @param limits what an image and a project may have
  /// @param check which content may be an image's
  /// @param addresses where content may be fetched from
  /// @param stores where content is kept
  /// @param locations whether clients see where content lies, and may say so
  /// @param regions where the image services of other regions are, by the region, without `/v2`
  /// @param certificates the directory of those that images may be signed with
  public record Settings(
      ImageLimits limits,
      ContentCheck check,
      WebAddresses addresses,
      ContentStores.Settings stores,
      ImageLocations.Shown locations,
      Map<String, URI> regions,
      Optional<Path> certificates) {
    /// Copies the map.
    public Settings {
      regions = Map.copyOf(regions);
    }

    /// One store, and nothing shown, signed or elsewhere.
    public Settings(ImageLimits limits, ContentCheck check, WebAddresses addresses) {
      this(
          limits,
          check,
          addresses,
          ContentStores.Settings.home(),
          ImageLocations.Shown.NO,
          Map.of(),
          Optional.empty());
    }

    /// Safe ones.
    public static Settings defaults() {
      return new Settings(
          ImageLimits.defaults(), ContentCheck.DECLARED, new WebAddresses(Set.of()));
    }

    /// The same with these stores.
    public Settings with(ContentStores.Settings others) {
      return new Settings(limits, check, addresses, others, locations, regions, certificates);
    }

    /// The same with locations shown or not.
    public Settings with(ImageLocations.Shown other) {
      return new Settings(limits, check, addresses, stores, other, regions, certificates);
    }

    /// The same with other regions.
    public Settings withRegions(Map<String, URI> others) {
      return new Settings(limits, check, addresses, stores, locations, others, certificates);
    }

    /// The same with certificates in a directory.
    public Settings withCertificates(Path directory) {
      return new Settings(
          limits, check, addresses, stores, locations, regions, Optional.of(directory));
    }
  }

  /// Begins to serve, after putting right what a killed server left. The contents are closed with
  /// the service, and also when this fails.
  ///
  /// @param home the content in the home's own store
  public static ImageService openOwning(
      ImageCatalog catalog, ImageContents home, AuditLog audit, Settings settings)
      throws IOException {
    ContentStores contents =
        ContentStores.openOwning(home, settings.stores(), settings.addresses());
    try {
      recover(catalog, contents);
      ImageService service =
          new ImageService(
              catalog, contents, audit, settings, ImageDescriptions.served(catalog, contents));
      service.cache.start();
      return service;
    } catch (IOException | RuntimeException e) {
      try (contents) {
        throw e;
      }
    }
  }

  /// Works beside whoever serves the images, in another process perhaps: puts nothing right. The
  /// contents are closed with the service, and also when this fails.
  public static ImageService besideOwning(
      ImageCatalog catalog, ImageContents home, AuditLog audit, Settings settings)
      throws IOException {
    ContentStores contents =
        ContentStores.openOwning(home, settings.stores(), settings.addresses());
    try {
      return new ImageService(
          catalog, contents, audit, settings, ImageDescriptions.beside(catalog, contents));
    } catch (IOException | RuntimeException e) {
      try (contents) {
        throw e;
      }
    }
  }

  /// Uploads and imports that were cut off: the sender was never told that they were done.
  private static void recover(ImageCatalog catalog, ContentStores contents) throws IOException {
    ImageQuery unfinished =
        new ImageQuery(
            new ImageQuery.Sight.All(""),
            new ImageQuery.Scope.Everything(Optional.empty()),
            List.of(
                new ImageQuery.Condition.Text(
                    ImageQuery.Field.STATUS, List.of("saving", "uploading", "importing"))),
            List.of(),
            Optional.empty(),
            Integer.MAX_VALUE);
    for (ImageEntry image : catalog.list(unfinished)) {
      boolean staged = image.status() == Status.UPLOADING && image.data().isPresent();
      if (!staged) {
        catalog.update(image.id(), now -> ImageStates.jump(now, Status.QUEUED));
        for (String place : image.data().map(ImageData::places).orElse(List.of())) {
          contents.release(place);
        }
      }
    }
    List<String> left = catalog.leavings().stream().filter(contents::reaches).toList();
    for (String place : left) {
      contents.release(place);
    }
    catalog.forgetLeavings(left);
    contents.sweep(() -> new HashSet<>(catalog.blobs()));
    for (ImageTask task : catalog.unfinishedTasks()) {
      if (catalog.find(task.imageId()).isPresent()) {
        catalog.update(task.imageId(), ImportStores::ended);
      }
      catalog.updateTask(
          task.with(ImageTask.Status.FAILURE, "", "The server was stopped meanwhile."));
    }
  }

  /// What is said of images.
  public Images images() {
    return images;
  }

  /// With whom they are shared.
  public ImageSharing sharing() {
    return sharing;
  }

  /// Their content.
  public ImageTransfers transfers() {
    return transfers;
  }

  /// Content that comes in the background.
  public ImageImports imports() {
    return imports;
  }

  /// What they are called.
  public ImageNames names() {
    return names;
  }

  /// Where they came from.
  public ImageOrigins origins() {
    return origins;
  }

  /// Images that a command of this host takes in.
  public ImageTaking taking() {
    return taking;
  }

  /// Templates made of them, in the pool of a home.
  ///
  /// @param calco the home that these images are of
  public ImageTemplates templates(Calco calco) {
    return new ImageTemplates(calco, this, contents);
  }

  /// Where content lies, as clients see and say it.
  public ImageLocations locations() {
    return locations;
  }

  /// What is kept at hand.
  public ImageCache cache() {
    return cache;
  }

  /// The stores that content is kept in.
  public ContentStores stores() {
    return contents;
  }

  /// Looks whether images and content belong together.
  public ImageDoctor doctor() {
    return doctor;
  }

  /// Their content in other formats.
  public ImageExports exports() {
    return exports;
  }

  /// Where the blocks in use lie in them.
  public ImageMaps maps() {
    return maps;
  }

  /// What is in them.
  public ImageInspections inspections() {
    return inspections;
  }

  /// Stops what goes on in the background, and closes the contents.
  @Override
  public void close() throws IOException {
    try (contents;
        descriptions;
        inspections;
        tasks) {
      cache.close();
    }
  }
}
