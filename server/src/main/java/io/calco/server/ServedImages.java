package io.calco.server;

import io.calco.engine.Calco;
import io.calco.engine.images.ImageService;
import io.calco.engine.images.ServedContents;
import io.calco.engine.upload.UploadLimits;
import io.calco.engine.upload.Uploads;
import java.io.IOException;

/// The images of a home, and what is on its way to become one.
///
/// @param contents where their content lies
/// @param service what there is
/// @param uploads what comes in parts
record ServedImages(ServedContents contents, ImageService service, Uploads uploads)
    implements AutoCloseable {

  static ServedImages open(Calco calco, ServerSettings settings) throws IOException {
    ServedContents contents = ServedContents.open(calco.home(), settings.store());
    ImageService service =
        ImageService.openOwning(
            calco.catalog().images(), contents, calco.audit(), settings.images());
    try {
      UploadLimits limits =
          UploadLimits.upTo(settings.images().limits().imageSize(), settings.store().reserve());
      return new ServedImages(
          contents, service, Uploads.open(calco.home().uploads(), service, limits));
    } catch (IOException | RuntimeException e) {
      try (service) {
        throw e;
      }
    }
  }

  @Override
  public void close() throws IOException {
    try (service) {
      uploads.close();
    }
  }
}
