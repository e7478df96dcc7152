package io.calco.engine.images;

import io.calco.catalog.ImageAlias;
import io.calco.catalog.ImageCatalog;
import io.calco.catalog.ImageData;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageLocation;
import io.calco.catalog.ImageMember;
import io.calco.catalog.ImageQuery;
import io.calco.disk.JobContext;
import io.calco.engine.Doctor.Finding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Compares the catalogue's images with what the store has, and records anew what the store tells
/// of and the catalogue has lost.
///
/// Thread rule: safe for several threads.
public final class ImageDoctor {
  private final ImageCatalog catalog;
  private final ImageContents contents;

  ImageDoctor(ImageCatalog catalog, ImageContents contents) {
    this.catalog = catalog;
    this.contents = contents;
  }

  /// What was looked at and what was found.
  ///
  /// @param images those with content
  public record Examination(int images, List<Finding> findings) {
    /// Copies the list.
    public Examination {
      findings = List.copyOf(findings);
    }
  }

  /// Looks whether every image has its content, and all content its image. Changes nothing.
  public Examination examine(JobContext job) throws IOException {
    List<Finding> findings = new ArrayList<>();
    Set<String> known = new HashSet<>(catalog.blobs());
    int images = 0;
    for (ImageEntry image : withContent()) {
      job.checkCancelled();
      job.progress("looking at images", images, 0);
      images++;
      examine(image).ifPresent(findings::add);
    }
    for (Map.Entry<String, String> each : contents.descriptions().entrySet()) {
      if (!known.contains(each.getKey())) {
        ImageDescription.parse(each.getValue(), each.getKey())
            .ifPresent(described ->
                findings.add(
                    new Finding(
                        subject(described.image()),
                        "the store has its content, and the catalogue does not know it",
                        List.of(),
                        "record it anew: calco doctor --rebuild-images")));
      }
    }
    return new Examination(images, findings);
  }

  private List<ImageEntry> withContent() throws IOException {
    List<ImageEntry> all =
        catalog.list(
            new ImageQuery(
                new ImageQuery.Sight.All(""),
                new ImageQuery.Scope.Everything(Optional.empty()),
                List.of(
                    new ImageQuery.Condition.Text(
                        ImageQuery.Field.STATUS,
                        List.of(Status.ACTIVE.text(), Status.DEACTIVATED.text()))),
                List.of(),
                Optional.empty(),
                Integer.MAX_VALUE));
    return all.stream().filter(image -> image.data().isPresent()).toList();
  }

  private Optional<Finding> examine(ImageEntry image) {
    ImageData data = image.data().orElseThrow();
    for (String place : data.places()) {
      if (ContentStores.isWeb(place)) {
        continue;
      }
      try {
        contents.open(place).close();
      } catch (IOException e) {
        return Optional.of(
            new Finding(
                subject(image),
                "its content cannot be opened: " + e.getMessage(),
                List.of(),
                "bring the store back from a backup (see: calco store verify), or import it again"
                    + " and delete this one: calco image delete "
                    + image.id()));
      }
    }
    return Optional.empty();
  }

  private static String subject(ImageEntry image) {
    return "image %s (%s)".formatted(image.facts().name(), image.id());
  }

  /// Records the images that the store tells of and the catalogue does not know, as they were last
  /// described, with their members, their other names, and where they came from. An image that was
  /// deleted while nothing could tell the store comes back with them.
  ///
  /// @return the images that were recorded
  public List<ImageEntry> rebuild() throws IOException {
    Map<String, ImageEntry> recorded = new LinkedHashMap<>();
    Set<String> known = new HashSet<>(catalog.blobs());
    for (Map.Entry<String, String> each : contents.descriptions().entrySet()) {
      String place = each.getKey();
      Optional<ImageDescription> described = ImageDescription.parse(each.getValue(), place);
      if (known.contains(place) || described.isEmpty()) {
        continue;
      }
      ImageEntry image = described.get().image();
      if (catalog.find(image.id()).isEmpty()) {
        contents.open(place).close();
        recorded.put(image.id(), record(described.get()));
      } else if (isCopy(image, recorded.get(image.id()))) {
        contents.open(place).close();
        recorded.put(image.id(), catalog.update(image.id(), now -> lyingAt(place, now)));
      }
    }
    return List.copyOf(recorded.values());
  }

  /// Whether the same content was found in another place just before.
  private static boolean isCopy(ImageEntry image, @Nullable ImageEntry before) {
    return before != null
        && before.data().orElseThrow().sha512().equals(image.data().orElseThrow().sha512());
  }

  private static ImageEntry lyingAt(String place, ImageEntry image) {
    return image.with(image.status(), image.data().map(data -> data.and(ImageLocation.at(place))));
  }

  private ImageEntry record(ImageDescription described) throws IOException {
    String id = described.image().id();
    ImageEntry image =
        described.origin().isPresent()
            ? catalog.add(described.image(), described.origin().get())
            : catalog.add(described.image());
    for (ImageMember member : described.members()) {
      if (catalog.findMember(id, member.member()).isEmpty()) {
        catalog.addMember(id, member.member());
        catalog.updateMember(id, member.member(), member.status());
      }
    }
    for (ImageAlias alias : described.aliases()) {
      Optional<ImageAlias> there = catalog.findAlias(alias.owner(), alias.name());
      if (there.isEmpty()
          || !there.get().owner().equals(alias.owner())
          || there.get().createdAt().isBefore(alias.createdAt())) {
        catalog.putAlias(alias);
      }
    }
    return image;
  }
}
