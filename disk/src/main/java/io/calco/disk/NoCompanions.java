package io.calco.disk;

import java.util.List;

/// For images that stand alone.
enum NoCompanions implements Companions {
  INSTANCE;

  @Override
  public String imageName() {
    return "image";
  }

  @Override
  public HostFile open(String kind, String reference, Access access) throws OpenDeniedException {
    throw new OpenDeniedException(
        "%s \"%s\": no other files are opened here"
            .formatted(kind, OpenPolicy.printable(reference)));
  }

  @Override
  public HostFile create(String name) throws UnsupportedFeatureException {
    throw new UnsupportedFeatureException(
        "an image of several files (%s) cannot be made here".formatted(name));
  }

  @Override
  public List<String> neighbours() {
    return List.of();
  }
}
