package io.calco.server.web.image;

import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Visibility;
import io.calco.catalog.ImageMember;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.images.ImagePatch;
import io.calco.engine.images.ImagePatch.Change;
import io.calco.engine.images.ImageService;
import io.calco.engine.images.Images;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What is done about an image: it is changed, shared, set aside, deleted.
public final class ImageActions implements Page {
  private final ImageService service;
  private final Images images;
  private final ProjectNames projects;

  /// About these.
  public ImageActions(ImageService service, ProjectNames projects) {
    this.service = service;
    this.images = service.images();
    this.projects = projects;
  }

  /// What the page of changes shows.
  ///
  /// @param image as it is
  /// @param mayPublish whether the caller may make it public
  record EditModel(ImageEntry image, boolean mayPublish) {
    String name() {
      return ImageNames.shown(image);
    }

    String tags() {
      return String.join(", ", image.tags());
    }

    String properties() {
      return image.properties().entrySet().stream()
          .filter(property -> isEditable(property.getKey(), property.getValue()))
          .map(property -> property.getKey() + " = " + property.getValue())
          .collect(Collectors.joining("\n"));
    }

    List<String> visibilities() {
      return Stream.of(Visibility.values())
          .filter(each ->
              mayPublish
                  || each != Visibility.PUBLIC
                  || image.facts().visibility() == Visibility.PUBLIC)
          .map(Visibility::text)
          .toList();
    }
  }

  /// What the page that asks again shows.
  ///
  /// @param image what would be deleted
  record DeleteModel(ImageEntry image) {
    String name() {
      return ImageNames.shown(image);
    }
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .get("/images/{image}/edit", this::edit)
        .post("/images/{image}/edit", this::change)
        .get("/images/{image}/delete", this::askAgain)
        .post("/images/{image}/delete", this::delete)
        .post("/images/{image}/state", this::setState)
        .post("/images/{image}/stop", this::stop)
        .post("/images/{image}/members", this::share)
        .post("/images/{image}/members/end", this::unshare)
        .post("/images/{image}/membership", this::answerOffer);
  }

  private static String here(Visit visit) {
    return "/images/" + visit.path("image");
  }

  private View edit(Visit visit) throws IOException {
    ImageEntry image = images.get(visit.caller(), visit.path("image"));
    return View.page("image/edit", new EditModel(image, visit.caller().isAdmin()));
  }

  private View change(Visit visit) throws IOException {
    ImageEntry image = images.get(visit.caller(), visit.path("image"));
    List<Change> changes = new ArrayList<>();
    changes.add(new Change.Add("name", visit.field("name")));
    if (!visit.field("visibility").equals(image.facts().visibility().text())) {
      changes.add(new Change.Add("visibility", visit.field("visibility")));
    }
    changes.add(new Change.Add("protected", visit.ticked("protected")));
    changes.add(new Change.Add("os_hidden", visit.ticked("hidden")));
    changes.add(new Change.Add("min_disk", number(visit, "min_disk")));
    changes.add(new Change.Add("min_ram", number(visit, "min_ram")));
    changes.add(new Change.Add("tags", ImageForm.tags(visit.field("tags"))));
    Map<String, String> wanted = properties(visit.field("properties"));
    image
        .properties()
        .forEach((name, value) -> {
          if (isEditable(name, value) && !wanted.containsKey(name)) {
            changes.add(new Change.Remove(name));
          }
        });
    wanted.forEach((name, value) -> {
      if (!value.equals(image.properties().get(name))) {
        changes.add(new Change.Add(name, value));
      }
    });
    images.patch(visit.caller(), image.id(), new ImagePatch(changes));
    return View.redirect(here(visit), "image.changed");
  }

  /// What fits a line, and is not ours to keep.
  private static boolean isEditable(String name, String value) {
    return !name.startsWith("os_glance")
        && name.indexOf('=') < 0
        && (name + value).chars().noneMatch(Character::isISOControl)
        && value.equals(value.strip());
  }

  private static int number(Visit visit, String name) {
    String text = visit.field(name);
    try {
      return text.isEmpty() ? 0 : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new OperationException(Kind.USAGE, "%s is no whole number: %s".formatted(name, text));
    }
  }

  /// `name = value`, one a line.
  private static Map<String, String> properties(String text) {
    Map<String, String> properties = new LinkedHashMap<>();
    for (String line : text.lines().filter(line -> !line.isBlank()).toList()) {
      int sign = line.indexOf('=');
      if (sign < 1) {
        throw new OperationException(
            Kind.USAGE, "A property is written as name = value, and not so: " + line);
      }
      properties.put(line.substring(0, sign).strip(), line.substring(sign + 1).strip());
    }
    return properties;
  }

  private View askAgain(Visit visit) throws IOException {
    return View.page(
        "image/delete", new DeleteModel(images.get(visit.caller(), visit.path("image"))));
  }

  private View delete(Visit visit) throws IOException {
    ImageEntry image = images.get(visit.caller(), visit.path("image"));
    images.delete(visit.caller(), image.id());
    return View.redirect("/images", "image.deleted", ImageNames.shown(image));
  }

  private View setState(Visit visit) throws IOException {
    boolean on = visit.field("active").equals("true");
    if (on) {
      images.reactivate(visit.caller(), visit.path("image"));
    } else {
      images.deactivate(visit.caller(), visit.path("image"));
    }
    return View.redirect(here(visit), on ? "image.reactivated" : "image.deactivated");
  }

  private View stop(Visit visit) throws IOException {
    service.imports().stop(visit.caller(), visit.path("image"));
    return View.redirect(here(visit), "image.stopping");
  }

  private View share(Visit visit) throws IOException {
    String typed = visit.field("project");
    String member = projects.id(typed).orElse(typed);
    service.sharing().add(visit.caller(), visit.path("image"), member);
    return View.redirect(here(visit), "image.shared", typed);
  }

  private View unshare(Visit visit) throws IOException {
    String member = visit.field("project");
    service.sharing().delete(visit.caller(), visit.path("image"), member);
    return View.redirect(here(visit), "image.unshared", projects.name(member).orElse(member));
  }

  private View answerOffer(Visit visit) throws IOException {
    String project = visit.caller().projectId().orElse("");
    boolean accept = visit.field("answer").equals("accept");
    service
        .sharing()
        .update(
            visit.caller(),
            visit.path("image"),
            project,
            accept ? ImageMember.Status.ACCEPTED : ImageMember.Status.REJECTED);
    return View.redirect(here(visit), accept ? "image.accepted" : "image.rejected");
  }
}
