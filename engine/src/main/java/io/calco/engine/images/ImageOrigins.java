package io.calco.engine.images;

import io.calco.catalog.AuditEvent;
import io.calco.catalog.AuditQuery;
import io.calco.catalog.ImageCatalog;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageOrigin;
import io.calco.catalog.ImageOrigin.Kind;
import io.calco.catalog.ImageOrigin.Verified;
import io.calco.engine.audit.Action;
import io.calco.engine.identity.Caller;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/// Where images came from, and what was verified then.
///
/// Thread rule: safe for several threads.
public final class ImageOrigins {
  private final ImageCatalog catalog;
  private final Images images;

  ImageOrigins(ImageCatalog catalog, Images images) {
    this.catalog = catalog;
    this.images = images;
  }

  /// Where an image came from; empty while it has no content. Of what clients sent or had fetched,
  /// the audit log knows who it was.
  ///
  /// @throws io.calco.engine.OperationException NOT_FOUND when there is no image that the caller
  ///   may see
  public Optional<ImageOrigin> find(Caller caller, String id) throws IOException {
    ImageEntry image = images.get(caller, id);
    Optional<ImageOrigin> recorded = catalog.findOrigin(image.id());
    return recorded.isPresent() || image.data().isEmpty()
        ? recorded
        : Optional.of(byClient(image, image.data().get().source()));
  }

  private ImageOrigin byClient(ImageEntry image, String source) throws IOException {
    boolean web = ImportProof.isAddress(source);
    Optional<AuditEvent> event = Optional.empty();
    for (Action action : List.of(Action.IMAGE_IMPORT, Action.IMAGE_UPLOAD)) {
      if (event.isEmpty()) {
        event = images.audit().list(query(image.id(), action)).stream().findFirst();
      }
    }
    return new ImageOrigin(
        web ? Kind.WEB : Kind.UPLOAD,
        web ? ImageImports.withoutSecrets(source) : "",
        event.map(AuditEvent::userName).orElse(""),
        event.map(AuditEvent::at).orElse(image.createdAt()),
        Verified.NOTHING);
  }

  private static AuditQuery query(String id, Action action) {
    return new AuditQuery(
        Optional.empty(),
        Optional.of(action.text()),
        Optional.of(id),
        Optional.of(AuditEvent.Outcome.DONE),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        1);
  }

  static ImageOrigin of(Kind kind, String place, String takenBy, Verified verified) {
    return new ImageOrigin(
        kind, place, takenBy, Instant.now().truncatedTo(ChronoUnit.MICROS), verified);
  }
}
