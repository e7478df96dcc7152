package io.calco.cli;

import io.calco.catalog.Project;
import io.calco.cli.Syntax.Value;
import io.calco.engine.Calco;
import io.calco.engine.identity.Identity;
import io.calco.engine.identity.Projects;
import java.io.IOException;
import java.util.List;

/// `calco project`.
final class ProjectCommand extends GroupCommand {
  ProjectCommand() {
    super("project", "Projects, which own the server's images.");
  }

  @Override
  List<Member> members() {
    return List.of(
        new Member("create", Create::new),
        new Member("list", ListProjects::new),
        new Member("quota", ProjectQuotaCommand::new),
        new Member("delete", Delete::new));
  }

  private static Json.Fields json(Project project) {
    return Json.object()
        .put("id", project.id())
        .put("name", project.name())
        .put("enabled", project.enabled())
        .put("description", project.description())
        .put("created-at", project.createdAt());
  }

  /// `calco project create`.
  static final class Create extends HomeCommand {
    private final Value<String> name = words.parameter("NAME", String.class, "The project's name.");
    private final Value<String> description =
        words.option("--description", "TEXT", String.class, "", "What it is for.");

    Create() {
      super("create", "Add a project.");
      words.examples("calco project create demo");
    }

    @Override
    int run(Calco calco) throws IOException {
      Project made =
          new Identity(calco.catalog())
              .projects()
              .create(new Projects.Wanted(name.get(), description.get(), true));
      if (json()) {
        Json.print(out(), ProjectCommand.json(made));
      } else {
        say("%s: made, with id %s".formatted(Text.safe(made.name()), made.id()));
      }
      return ExitCode.DONE;
    }
  }

  /// `calco project list`.
  static final class ListProjects extends HomeCommand {
    ListProjects() {
      super("list", "All projects.");
    }

    @Override
    int run(Calco calco) throws IOException {
      List<Project> projects = new Identity(calco.catalog()).projects().list();
      if (json()) {
        Json.print(out(), projects.stream().map(ProjectCommand::json).toList());
      } else if (projects.isEmpty()) {
        say("No projects yet. Make one: calco project create NAME");
      } else {
        Table table = new Table("NAME", "ENABLED", "ID", "DESCRIPTION");
        for (Project project : projects) {
          table.add(
              project.name(),
              project.enabled() ? "yes" : "no",
              project.id(),
              project.description());
        }
        table.print(out());
      }
      return ExitCode.DONE;
    }
  }

  /// `calco project delete`.
  static final class Delete extends HomeCommand {
    private final Value<String> name = words.parameter("NAME", String.class, "The project's name.");
    private final Confirmation confirmation = new Confirmation(words);

    Delete() {
      super("delete", "Delete a project with the roles in it; its images stay.");
    }

    @Override
    int run(Calco calco) throws IOException {
      Projects projects = new Identity(calco.catalog()).projects();
      Project project = projects.getNamed(name.get());
      confirmation.require(
          "Delete project %s? Nobody can work in it any more.".formatted(project.name()));
      projects.delete(project);
      if (json()) {
        Json.print(out(), ProjectCommand.json(project));
      } else {
        say(Text.safe(project.name()) + ": deleted");
      }
      return ExitCode.DONE;
    }
  }
}
