package io.calco.engine.images;

import io.calco.catalog.ImageData;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageUsage;
import io.calco.disk.HostFile;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.AuditLog;
import io.calco.engine.identity.Caller;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Content comes and goes.
///
/// Thread rule: safe for several threads.
public final class ImageTransfers {
  private final Images images;
  private final ContentStores contents;
  private final ContentCheck check;
  private final TrustedCertificates certificates;
  private final ImageCache cache;
  private final ImageInspections inspections;

  ImageTransfers(
      Images images,
      ContentStores contents,
      ContentCheck check,
      TrustedCertificates certificates,
      ImageCache cache,
      ImageInspections inspections) {
    this.inspections = inspections;
    this.images = images;
    this.contents = contents;
    this.check = check;
    this.certificates = certificates;
    this.cache = cache;
  }

  /// Makes a queued image active with the content that comes. After a failure it is queued again,
  /// and nothing of the content is left.
  ///
  /// @param size how long the sender says it is, in bytes
  /// @throws OperationException REFUSED when it has content, or some is coming; CORRUPT when the
  ///   content is refused; LIMIT when it is too large; NOT_FOUND when the image was deleted
  ///   meanwhile
  public ImageEntry upload(Caller caller, String id, InputStream content, OptionalLong size)
      throws IOException {
    return upload(caller, id, content, size, contents.usual());
  }

  /// Likewise, into a store.
  ///
  /// @param store its name
  /// @throws OperationException also USAGE when there is no such store
  public ImageEntry upload(
      Caller caller, String id, InputStream content, OptionalLong size, String store)
      throws IOException {
    contents.require(store);
    ImageEntry image = images.get(caller, id);
    return recorded(
        caller,
        Action.IMAGE_UPLOAD,
        image,
        () -> {
          ImagePolicy.requireOwner(caller, image, "upload data for");
          long limit = sizeLimit(image);
          images.update(id, queued -> ImageStates.jump(queued, Status.SAVING));
          Coming coming = new Coming(content, size, limit, "upload", store);
          return fill(id, coming, Status.SAVING, Spread.NOT);
        });
  }

  private ImageEntry recorded(
      Caller caller, Action action, ImageEntry image, AuditLog.Work<ImageEntry> work)
      throws IOException {
    return images.audit().make(Images.deed(caller, action, image), work, Images::target);
  }

  /// Content on its way.
  ///
  /// @param size how long its sender says it is, in bytes
  /// @param limit how long it may be, in bytes
  /// @param source where it comes from, for the record
  /// @param store where it goes
  record Coming(InputStream content, OptionalLong size, long limit, String source, String store) {}

  /// What is done with content that passed all checks, before it becomes an image's.
  @FunctionalInterface
  interface Spread {
    /// Nothing.
    Spread NOT = data -> data;

    /// The content, in all its places. After a failure only those are left where it was before.
    ImageData over(ImageData data) throws IOException;
  }

  /// Takes content for an image that is not yet its own. After a failure the image is queued again.
  ///
  /// @param size how long the sender says it is, in bytes
  /// @throws OperationException as [#upload]
  public ImageEntry stage(Caller caller, String id, InputStream content, OptionalLong size)
      throws IOException {
    ImageEntry image = images.get(caller, id);
    return recorded(caller, Action.IMAGE_STAGE, image, () -> stage(caller, image, content, size));
  }

  private ImageEntry stage(Caller caller, ImageEntry image, InputStream content, OptionalLong size)
      throws IOException {
    String id = image.id();
    ImagePolicy.requireOwner(caller, image, "stage data for");
    ImageUsage usage = images.usageOf(image.owner());
    ImageLimits limits = images.limitsOf(image.owner());
    if (usage.staged() >= limits.projectStaged()) {
      throw Images.limit(
          "The project has %d bytes of staged content, and may have no more."
              .formatted(usage.staged()));
    }
    long limit = Math.min(room(usage, limits), limits.projectStaged() - usage.staged());
    images.update(id, queued -> ImageStates.jump(queued, Status.UPLOADING));
    ContentIntake.Taken taken;
    try {
      taken = take(new Coming(content, size, limit, "staged", contents.usual()));
    } catch (IOException | RuntimeException | Error e) {
      backToQueued(id, Status.UPLOADING, e);
      throw e;
    }
    ImageData data = data(taken, OptionalLong.empty(), "staged");
    return record(id, data, Status.UPLOADING, Status.UPLOADING);
  }

  /// How many bytes may still come.
  private static long room(ImageUsage usage, ImageLimits limits) {
    if (usage.uploading() >= limits.projectUploads()) {
      throw Images.limit(
          "The project has %d uploads that run, and may have no more."
              .formatted(usage.uploading()));
    }
    if (usage.size() >= limits.projectSize()) {
      throw Images.limit(
          "The project has %d bytes of images, and may have no more.".formatted(usage.size()));
    }
    return Math.min(limits.imageSize(), limits.projectSize() - usage.size());
  }

  /// The most bytes that an image may have now.
  long sizeLimit(ImageEntry image) throws IOException {
    return room(images.usageOf(image.owner()), images.limitsOf(image.owner()));
  }

  /// Fills an image whose status says that this is going on.
  ImageEntry fill(String id, Coming coming, Status during, Spread spread) throws IOException {
    ContentIntake.Taken taken;
    try {
      taken = take(coming);
    } catch (IOException | RuntimeException | Error e) {
      backToQueued(id, during, e);
      throw e;
    }
    ImageData data;
    try {
      OptionalLong virtualSize = judge(id, taken.blob());
      data = spread.over(data(taken, virtualSize, coming.source()));
    } catch (IOException | RuntimeException | Error e) {
      backToQueued(id, during, e);
      release(taken.blob(), e);
      throw e;
    }
    return looked(record(id, data, during, Status.ACTIVE));
  }

  private ImageEntry looked(ImageEntry image) {
    inspections.begin(image);
    return image;
  }

  /// Whether content may become an image's: by what is in it, and by its signature.
  private OptionalLong judge(String id, String place) throws IOException {
    ImageEntry image = images.find(id).orElseThrow(() -> Images.notFound(id));
    OptionalLong virtualSize = check.virtualSize(contents, place, image.facts());
    Optional<ImageSignature> signature = ImageSignature.of(image.properties());
    if (signature.isPresent()) {
      signature.get().verify(contents, place, certificates);
    }
    return virtualSize;
  }

  /// Makes an image's staged content its own.
  ImageEntry adopt(String id, Spread spread) throws IOException {
    ImageEntry image = images.find(id).orElseThrow(() -> Images.notFound(id));
    ImageData staged =
        image
            .data()
            .orElseThrow(() ->
                new OperationException(
                    Kind.REFUSED, "The image %s has no data on staging".formatted(id)));
    ImageData data;
    try {
      data = spread.over(staged.withVirtualSize(judge(id, staged.blob())));
    } catch (IOException | RuntimeException | Error e) {
      backToQueued(id, Status.IMPORTING, e);
      release(staged.blob(), e);
      throw e;
    }
    try {
      return looked(record(id, data, Status.IMPORTING, Status.ACTIVE));
    } finally {
      if (!data.places().contains(staged.blob())) {
        contents.release(staged.blob());
      }
    }
  }

  private static ImageData data(
      ContentIntake.Taken taken, OptionalLong virtualSize, String source) {
    return new ImageData(
        taken.blob(),
        taken.size(),
        virtualSize,
        taken.md5(),
        taken.sha256(),
        taken.sha512(),
        source);
  }

  private ContentIntake.Taken take(Coming coming) throws IOException {
    OptionalLong size = coming.size();
    if (size.isPresent() && size.getAsLong() > coming.limit()) {
      throw Images.limit(
          "The image is larger than %d bytes, which is the limit.".formatted(coming.limit()));
    }
    ContentIntake.Taken taken =
        ContentIntake.take(
            coming.content(), () -> contents.receive(coming.store()), coming.limit());
    if (size.isPresent() && size.getAsLong() != taken.size()) {
      OperationException wrong =
          ImageAttributes.usage(
              "Size mismatch: %d bytes were announced, and %d came."
                  .formatted(size.getAsLong(), taken.size()));
      release(taken.blob(), wrong);
      throw wrong;
    }
    return taken;
  }

  private ImageEntry record(String id, ImageData data, Status during, Status then)
      throws IOException {
    try {
      return images.update(
          id,
          image -> {
            if (image.status() != during) {
              throw new OperationException(
                  Kind.REFUSED, "Image %s was changed while its data came.".formatted(id));
            }
            ImageEntry complete = image.with(during, Optional.of(data));
            return then == during ? complete : ImageStates.jump(complete, then);
          });
    } catch (IOException | RuntimeException | Error e) {
      backToQueued(id, during, e);
      data.places().forEach(place -> release(place, e));
      throw e;
    }
  }

  /// Undoes the beginning of what failed.
  void backToQueued(String id, Status during, Throwable failure) {
    try {
      images.update(
          id,
          image -> {
            if (image.status() != during) {
              return image;
            }
            ImageEntry queued = ImageStates.jump(image, Status.QUEUED);
            return during == Status.IMPORTING ? ImportStores.failed(queued) : queued;
          });
    } catch (IOException | RuntimeException e) { // deleted meanwhile, for one
      failure.addSuppressed(e);
    }
  }

  private void release(String blob, Throwable failure) {
    try {
      contents.release(blob);
    } catch (IOException | RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /// An image's content, there to be sent.
  public static final class Download {
    private final ImageContents contents;
    private final ImageEntry image;
    private final ImageData data;
    private final String place;

    private Download(ImageContents contents, ImageEntry image, ImageData data, String place) {
      this.contents = contents;
      this.image = image;
      this.data = data;
      this.place = place;
    }

    /// Whose it is.
    public ImageEntry image() {
      return image;
    }

    /// What it is.
    public ImageData data() {
      return data;
    }

    /// Sends a part of it.
    ///
    /// @param out takes bytes until it has all
    /// @param offset the first byte
    /// @param length in bytes; the part lies in the content
    public void writeTo(WritableByteChannel out, long offset, long length) throws IOException {
      contents.writeTo(place, out, offset, length);
    }
  }

  /// Opens an image's content.
  ///
  /// @return empty while the image has none
  /// @throws OperationException DENIED when the caller may not have it
  public Optional<Download> open(Caller caller, String id) throws IOException {
    return open(caller, id, List.of());
  }

  /// Opens an image's content, in one of these stores if it is there.
  ///
  /// @param preferred names of stores, the best first
  /// @return empty while the image has none
  /// @throws OperationException DENIED when the caller may not have it
  public Optional<Download> open(Caller caller, String id, List<String> preferred)
      throws IOException {
    ImageEntry image = images.get(caller, id);
    ImagePolicy.requireDownloading(caller, image);
    if (image.content().isEmpty()) {
      return Optional.empty();
    }
    ImageData data = image.content().get();
    String place = readable(image, data, preferred);
    images.audit().doneOften(Images.deed(caller, Action.IMAGE_DOWNLOAD, image));
    return Optional.of(new Download(contents, image, data, place));
  }

  /// The first place where content can be read: what fails, fails now, while it can be told, and
  /// not amid the answer.
  private String readable(ImageEntry image, ImageData data, List<String> preferred)
      throws IOException {
    List<String> places = new ArrayList<>(data.places());
    places.sort(
        Comparator.comparingInt(place -> {
          int rank = preferred.indexOf(ContentStores.storeOf(place));
          return rank < 0 ? Integer.MAX_VALUE : rank;
        }));
    if (ContentStores.isWeb(places.getFirst())) {
      cache.copy(image.id()).ifPresent(places::addFirst);
    }
    @Nullable Exception failure = null;
    for (String place : places) {
      try (HostFile file = contents.open(place)) {
        if (file.size() == data.size()) {
          return place;
        }
        throw new OperationException(
            Kind.CORRUPT,
            "%s has %d bytes, and not %d any more"
                .formatted(ContentStores.addressOf(place), file.size(), data.size()));
      } catch (IOException | RuntimeException e) {
        failure = e;
      }
    }
    switch (failure) {
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case null, default -> throw new IllegalStateException(failure);
    }
  }
}
