package io.calco.server.web.machine;

import io.calco.catalog.BackgroundJob;
import io.calco.catalog.Clone;
import io.calco.catalog.ImageEntry;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.TemplateReport;
import io.calco.engine.host.HostMachines;
import io.calco.engine.host.HostWork;
import io.calco.engine.host.MachineOrder;
import io.calco.engine.host.MachineOrder.Base;
import io.calco.engine.host.MachineOrder.Then;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.List;

/// `/machines/new`: machines for clones of a template or an image, or for a clone that is there.
public final class NewMachinesPage implements Page {
  private static final String TEMPLATE = "template:";
  private static final String IMAGE = "image:";

  private final HostMachines machines;
  private final HostWork host;

  /// Makes machines of this host.
  public NewMachinesPage(HostMachines machines, HostWork host) {
    this.machines = machines;
    this.host = host;
  }

  /// The choices.
  ///
  /// @param templates what clones can be made of
  /// @param images likewise
  /// @param order what was chosen so far
  /// @param problem why that cannot be done; empty for nothing
  record Choices(
      List<TemplateReport> templates, List<ImageEntry> images, MachineOrder order, String problem) {
    Choices {
      templates = List.copyOf(templates);
      images = List.copyOf(images);
    }

    /// The clone that a machine is made for; empty where clones are made.
    String cloneName() {
      return order.base() instanceof Base.OfClone(String name) ? name : "";
    }

    boolean is(TemplateReport template) {
      return order.base() instanceof Base.OfTemplate(String name) && name.equals(template.name());
    }

    boolean is(ImageEntry image) {
      return order.base() instanceof Base.OfImage(String id) && id.equals(image.id());
    }

    static String value(TemplateReport template) {
      return TEMPLATE + template.name();
    }

    static String value(ImageEntry image) {
      return IMAGE + image.id();
    }

    static String name(ImageEntry image) {
      return image.facts().name().isBlank() ? image.id() : image.facts().name();
    }

    boolean full() {
      return order.kind() == Clone.Kind.FULL;
    }

    boolean started() {
      return order.then() == Then.STARTED;
    }

    boolean nothing() {
      return cloneName().isEmpty() && templates.isEmpty() && images.isEmpty();
    }
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .get("/machines/new", visit -> choices(visit, HttpStatus.OK, first(visit), ""))
        .post("/machines", this::create);
  }

  private static MachineOrder first(Visit visit) {
    String clone = visit.query("clone");
    Base base =
        !clone.isEmpty()
            ? new Base.OfClone(clone)
            : visit.query("image").isEmpty()
                ? new Base.OfTemplate(visit.query("template"))
                : new Base.OfImage(visit.query("image"));
    return new MachineOrder(base, "", Clone.Kind.LINKED, "", "", "", "", Then.STARTED);
  }

  private View choices(Visit visit, HttpStatus status, MachineOrder order, String problem)
      throws IOException {
    return new View.Html(
        status,
        "machine/new",
        new Choices(host.templates(visit.caller()), host.images(visit.caller()), order, problem));
  }

  private static MachineOrder order(Visit visit) {
    String clone = visit.field("clone");
    String chosen = visit.field("base");
    Base base =
        !clone.isEmpty()
            ? new Base.OfClone(clone)
            : chosen.startsWith(IMAGE)
                ? new Base.OfImage(chosen.substring(IMAGE.length()))
                : new Base.OfTemplate(chosen.replaceFirst("^" + TEMPLATE, ""));
    return new MachineOrder(
        base,
        visit.field("names"),
        visit.field("kind").equals("full") ? Clone.Kind.FULL : Clone.Kind.LINKED,
        visit.field("memory"),
        visit.field("processors"),
        visit.field("network"),
        visit.field("accelerator"),
        visit.ticked("start") ? Then.STARTED : Then.LEFT_OFF);
  }

  /// What was typed stays when it cannot be meant.
  private View create(Visit visit) throws IOException {
    MachineOrder order = order(visit);
    try {
      BackgroundJob job = machines.create(visit.caller(), order);
      return View.redirect("/jobs/" + job.id());
    } catch (OperationException e) {
      if (e.kind() == Kind.DENIED || e.kind() == Kind.INTERNAL) {
        throw e;
      }
      return choices(
          visit, HttpStatus.UNPROCESSABLE_CONTENT, order, String.valueOf(e.getMessage()));
    }
  }
}
