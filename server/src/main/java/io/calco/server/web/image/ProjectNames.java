package io.calco.server.web.image;

import java.io.IOException;
import java.util.Optional;

/// How projects are called, where that is known.
public interface ProjectNames {
  /// Nothing is known of them but their ids.
  ProjectNames UNKNOWN =
      new ProjectNames() {
        @Override
        public Optional<String> name(String id) {
          return Optional.empty();
        }

        @Override
        public Optional<String> id(String name) {
          return Optional.empty();
        }
      };

  /// The name of a project.
  Optional<String> name(String id) throws IOException;

  /// The id of the project of that name.
  Optional<String> id(String name) throws IOException;
}
