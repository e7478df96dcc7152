package io.calco.server.web.clone;

import io.calco.catalog.BackgroundJob;
import io.calco.catalog.Clone;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.TemplateReport;
import io.calco.engine.host.CloneOrder;
import io.calco.engine.host.HostWork;
import io.calco.guest.personalise.CloneUser.Privilege;
import io.calco.guest.seed.Seed;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// `/clones/new`: many clones at once.
public final class NewClonesPage implements Page {
  private static final int NAMES_SHOWN = 6;

  private final HostWork host;

  /// Makes clones of this host.
  public NewClonesPage(HostWork host) {
    this.host = host;
  }

  /// The choices.
  ///
  /// @param templates what clones can be made of
  /// @param order what was chosen so far
  /// @param problem why that cannot be done; empty for nothing
  record Choices(List<TemplateReport> templates, CloneOrder order, String problem) {
    Choices {
      templates = List.copyOf(templates);
    }

    boolean full() {
      return order.kind() == Clone.Kind.FULL;
    }

    boolean administrator() {
      return order.privilege() == Privilege.ADMINISTRATOR;
    }

    String seed() {
      return order.seed().map(form -> form == Seed.Form.NOCLOUD ? "nocloud" : "config").orElse("");
    }
  }

  /// What a pattern of names means, while it is typed.
  ///
  /// @param names the first few
  /// @param count how many in all
  /// @param problem why it means nothing; empty when it does
  record Names(List<String> names, int count, String problem) {
    Names {
      names = List.copyOf(names);
    }
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .get("/clones/new", visit -> choices(visit, HttpStatus.OK, first(visit), ""))
        .get("/clones/names", NewClonesPage::names)
        .post("/clones", this::create);
  }

  private static CloneOrder first(Visit visit) {
    return new CloneOrder(
        visit.query("template"),
        Optional.empty(),
        "",
        Clone.Kind.LINKED,
        "",
        "",
        Privilege.ADMINISTRATOR,
        "",
        "",
        Optional.empty());
  }

  private View choices(Visit visit, HttpStatus status, CloneOrder order, String problem)
      throws IOException {
    return new View.Html(
        status, "clone/new", new Choices(host.templates(visit.caller()), order, problem));
  }

  private static CloneOrder order(Visit visit) {
    return new CloneOrder(
        visit.field("template"),
        Optional.empty(),
        visit.field("names"),
        visit.field("kind").equals("full") ? Clone.Kind.FULL : Clone.Kind.LINKED,
        visit.field("size"),
        visit.field("user"),
        visit.ticked("administrator") ? Privilege.ADMINISTRATOR : Privilege.ORDINARY,
        visit.field("keys"),
        visit.field("addresses"),
        switch (visit.field("seed")) {
          case "nocloud" -> Optional.of(Seed.Form.NOCLOUD);
          case "config" -> Optional.of(Seed.Form.CONFIGDRIVE);
          default -> Optional.empty();
        });
  }

  private static View names(Visit visit) {
    String typed = visit.query("names");
    try {
      if (typed.isBlank()) {
        return View.page("clone/names", new Names(List.of(), 0, ""));
      }
      List<String> all = CloneOrder.expand(typed);
      return View.page(
          "clone/names", new Names(all.stream().limit(NAMES_SHOWN).toList(), all.size(), ""));
    } catch (OperationException e) {
      return View.page("clone/names", new Names(List.of(), 0, String.valueOf(e.getMessage())));
    }
  }

  /// What was typed stays when it cannot be meant.
  private View create(Visit visit) throws IOException {
    CloneOrder order = order(visit);
    try {
      BackgroundJob job = host.createClones(visit.caller(), order);
      return View.redirect("/jobs/" + job.id());
    } catch (OperationException e) {
      if (e.kind() != Kind.USAGE && e.kind() != Kind.NOT_FOUND) {
        throw e;
      }
      return choices(
          visit, HttpStatus.UNPROCESSABLE_CONTENT, order, String.valueOf(e.getMessage()));
    }
  }
}
