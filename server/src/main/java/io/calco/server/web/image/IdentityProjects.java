package io.calco.server.web.image;

import io.calco.catalog.Project;
import io.calco.engine.identity.Projects;
import java.io.IOException;
import java.util.Optional;

/// The projects of the embedded identity.
public final class IdentityProjects implements ProjectNames {
  private final Projects projects;

  /// Of these.
  public IdentityProjects(Projects projects) {
    this.projects = projects;
  }

  @Override
  public Optional<String> name(String id) throws IOException {
    return projects.find(id).map(Project::name);
  }

  @Override
  public Optional<String> id(String name) throws IOException {
    for (Project project : projects.list()) {
      if (project.name().equals(name)) {
        return Optional.of(project.id());
      }
    }
    return Optional.empty();
  }
}
