package io.calco.engine.images;

import io.calco.catalog.ImageData;
import io.calco.catalog.ImageEntry;
import io.calco.disk.HostFile;
import io.calco.disk.Image;
import io.calco.disk.ImageIdentity;
import io.calco.disk.JobContext;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Caller;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/// Images in other formats than they came in, made as they are read.
///
/// Thread rule: safe for several threads.
public final class ImageExports {
  private final Images images;
  private final ImageContents contents;

  ImageExports(Images images, ImageContents contents) {
    this.images = images;
    this.contents = contents;
  }

  /// Opens an image as a file of some format. The same image in the same format has the same bytes
  /// each time, so a download that broke off can go on later.
  ///
  /// @throws OperationException DENIED when the caller may not have it; REFUSED when it has no
  ///   content; UNSUPPORTED when it cannot be made this format
  public ImageExport open(Caller caller, String id, ExportFormat how, JobContext job)
      throws IOException {
    ImageEntry image = images.get(caller, id);
    ImagePolicy.requireDownloading(caller, image);
    ImageData data =
        image
            .content()
            .orElseThrow(() ->
                new OperationException(
                    Kind.REFUSED, "Image %s has no data yet.".formatted(image.id())));
    HostFile content = contents.open(data.blob());
    return isAsStored(image, how)
        ? new ImageExport(source(image), how, content, List.of(content))
        : layOutOwning(content, image, how, job);
  }

  private static boolean isAsStored(ImageEntry image, ExportFormat how) {
    if (how.format().isEmpty()) {
      return true;
    }
    boolean bare = image.facts().containerFormat().equals("bare");
    String format = how.format().get();
    boolean sameFormat = image.facts().diskFormat().equals(format) && bare;
    boolean sameContainer = image.facts().containerFormat().equals(format);
    return how.subformat().isEmpty() && (sameFormat || sameContainer);
  }

  private static ImageExport layOutOwning(
      HostFile content, ImageEntry image, ExportFormat how, JobContext job) throws IOException {
    Image disk = ImageDisks.openOwning(content, image.facts());
    String sha = image.data().orElseThrow().sha256();
    UUID seed = UUID.nameUUIDFromBytes((image.id() + sha).getBytes(StandardCharsets.US_ASCII));
    return ImageExport.layOutOwning(
        disk.disk(),
        List.of(disk),
        source(image),
        new ImageIdentity(seed, image.createdAt()),
        how,
        job);
  }

  private static ImageExport.Source source(ImageEntry image) {
    return new ImageExport.Source(
        ImageExport.plainName(image.facts().name(), image.id()),
        image.facts().containerFormat().equals("ova") ? "ova" : image.facts().diskFormat(),
        image.id() + " " + image.data().orElseThrow().sha512());
  }

  /// An image's disk, for reading; the caller closes it.
  ///
  /// @throws OperationException as [#open]; UNSUPPORTED also when the image is no disk
  public Image disk(Caller caller, String id) throws IOException {
    ImageEntry image = images.get(caller, id);
    ImagePolicy.requireDownloading(caller, image);
    if (image.content().isEmpty()) {
      throw new OperationException(Kind.REFUSED, "Image %s has no data yet.".formatted(image.id()));
    }
    return ImageDisks.open(contents, image);
  }
}
