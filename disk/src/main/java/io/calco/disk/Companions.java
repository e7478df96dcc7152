package io.calco.disk;

import java.io.IOException;
import java.util.List;

/// The files beside an image's own: those it is made of (extents, data file), and those it may rest
/// on without naming them.
///
/// Thread rule: confined.
public interface Companions {

  /// What a companion is opened for.
  enum Access {
    /// It is read, beside others who read it.
    READ,
    /// It is read and written, by nobody else.
    WRITE
  }

  /// The name that the image's own file has or, while it is being made under another, will have:
  /// without directories.
  String imageName();

  /// Opens a file that the image's metadata names, relative to the image's directory, and locks it
  /// as the image itself is locked.
  ///
  /// @param kind what it is, for messages: `extent`, `data file` …
  /// @param reference the name as it stands in the image, with slashes
  /// @throws OpenDeniedException when the [OpenPolicy] does not allow it
  HostFile open(String kind, String reference, Access access) throws IOException;

  /// Makes a part of a new image beside it; it appears together with the image.
  ///
  /// @param name the file's name, without directories
  HostFile create(String name) throws IOException;

  /// The plain files in the image's directory that the [OpenPolicy] allows to open, by name; at
  /// most some thousands.
  List<String> neighbours() throws IOException;

  /// No companions: every question for one is refused.
  static Companions none() {
    return NoCompanions.INSTANCE;
  }
}
