package io.calco.engine.images;

import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageInspection;
import io.calco.catalog.ImageQuery;
import io.calco.catalog.Template;
import io.calco.catalog.TemplateImage;
import io.calco.catalog.TemplateVersion;
import io.calco.disk.Image;
import io.calco.disk.JobContext;
import io.calco.engine.Calco;
import io.calco.engine.Generalisation;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.StoredSource;
import io.calco.engine.TemplateReport;
import io.calco.engine.Templates;
import io.calco.engine.identity.Caller;
import io.calco.guest.generalise.GeneraliseOptions;
import io.calco.volume.VolumeKeys;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Templates made of images of the catalogue, straight from the store into the pool of this host.
/// Confined to one thread, as [Calco] is.
public final class ImageTemplates {
  /// What an image is named with where a disk or a template could stand: `image:debian:12`.
  public static final String PREFIX = "image:";

  /// Of a template's name.
  private static final int NAME_MAX = 60;

  private final Calco calco;
  private final ImageService service;
  private final ImageContents contents;

  ImageTemplates(Calco calco, ImageService service, ImageContents contents) {
    this.calco = calco;
    this.service = service;
    this.contents = contents;
  }

  /// A version of a template.
  ///
  /// @param template its name
  /// @param version which
  public record Base(String template, int version) {}

  /// The newest images that a caller sees and a template can be made of.
  ///
  /// @param limit at most that many
  public List<ImageEntry> candidates(Caller caller, int limit) throws IOException {
    List<ImageEntry> newest =
        service
            .images()
            .list(
                caller,
                new ImageQuery(
                    Images.sight(caller),
                    new ImageQuery.Scope.Usual(Optional.empty()),
                    List.of(
                        new ImageQuery.Condition.Text(
                            ImageQuery.Field.STATUS, List.of(ImageEntry.Status.ACTIVE.text()))),
                    List.of(
                        new ImageQuery.Order(
                            ImageQuery.Field.CREATED_AT, ImageQuery.Direction.DESCENDING)),
                    Optional.empty(),
                    limit));
    return newest.stream().filter(image -> ImageDisks.isDisk(image.facts())).toList();
  }

  /// The image's own name.
  public String nameOf(Caller caller, String reference) throws IOException {
    return service.names().get(caller, reference).facts().name();
  }

  /// An image's guest bytes, for a machine to start from; the caller closes it.
  public Image open(Caller caller, String reference) throws IOException {
    return source(caller, reference, VolumeKeys.none()).opening().open();
  }

  /// Makes a template of an image: generalised, sealed.
  ///
  /// @param reference the image's name, alias or id
  /// @param name the template's, which must be free
  /// @param keys asked for each encrypted volume in it
  public Templates.Created create(
      Caller caller,
      String reference,
      String name,
      GeneraliseOptions how,
      VolumeKeys keys,
      JobContext job)
      throws IOException {
    return calco.templates(caller.actor()).create(name, source(caller, reference, keys), how, job);
  }

  /// What [#create] would take out of it.
  public Generalisation preview(
      Caller caller, String reference, GeneraliseOptions how, VolumeKeys keys) throws IOException {
    return Generalisation.preview(source(caller, reference, keys), how);
  }

  /// The version of a template that is an image as it is, to make clones of. It is made when it is
  /// not there, once; later clones share it.
  public Base base(Caller caller, String reference, JobContext job) throws IOException {
    StoredSource source = source(caller, reference, VolumeKeys.none());
    Optional<TemplateImage> known = calco.catalog().images().findAsItIs(source.blob());
    if (known.isPresent()) {
      Optional<Base> there = find(known.get().versionId());
      if (there.isPresent()) {
        return there.get();
      }
    }
    TemplateReport made = calco.templates().keep(freeName(source), source, job);
    return new Base(made.name(), made.version());
  }

  private Optional<Base> find(String versionId) throws IOException {
    Optional<TemplateVersion> version = calco.catalog().findVersion(versionId);
    if (version.isEmpty()) {
      return Optional.empty();
    }
    for (Template template : calco.catalog().templates()) {
      if (template.id().equals(version.get().templateId())) {
        return Optional.of(new Base(template.name(), version.get().version()));
      }
    }
    return Optional.empty();
  }

  /// `debian-12`, or a name like it where that is a template of something else.
  private String freeName(StoredSource source) throws IOException {
    String plain =
        source.imageName().replaceAll("[^A-Za-z0-9._-]+", "-").replaceAll("^[^A-Za-z0-9]+", "");
    String name = plain.isEmpty() ? source.imageId() : plain;
    name = name.substring(0, Math.min(name.length(), NAME_MAX));
    String free = name;
    for (int i = 2; !isOurs(free, source); i++) {
      free = name.substring(0, Math.min(name.length(), NAME_MAX - 4)) + "-" + i;
    }
    return free;
  }

  /// True when no template has the name, or one whose versions are all images of this name.
  private boolean isOurs(String name, StoredSource source) throws IOException {
    Optional<Template> template = calco.catalog().findTemplate(name);
    if (template.isEmpty()) {
      return true;
    }
    for (TemplateVersion version : calco.catalog().versions(template.get())) {
      Optional<TemplateImage> from = calco.catalog().images().imageOf(version.id());
      if (from.isEmpty()
          || !from.get().asItIs()
          || !from.get().imageName().equals(source.imageName())) {
        return false;
      }
    }
    return true;
  }

  private StoredSource source(Caller caller, String reference, VolumeKeys keys) throws IOException {
    ImageEntry image = service.names().get(caller, reference);
    ImagePolicy.requireDownloading(caller, image);
    if (image.status() != ImageEntry.Status.ACTIVE || image.data().isEmpty()) {
      throw new OperationException(Kind.REFUSED, "Image %s has no data yet.".formatted(reference));
    }
    ImageInspection inside =
        calco.catalog().images().inspections(List.of(image.id())).get(image.id());
    String os = inside == null ? "" : inside.system().name();
    return new StoredSource(
        image.id(),
        image.facts().name(),
        image.data().get().blob(),
        os,
        keys,
        () -> ImageDisks.open(contents, image));
  }
}
