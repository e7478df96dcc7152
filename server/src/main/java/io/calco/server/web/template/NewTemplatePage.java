package io.calco.server.web.template;

import io.calco.catalog.BackgroundJob;
import io.calco.catalog.ImageEntry;
import io.calco.engine.Generalisation;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.host.HostWork;
import io.calco.engine.host.PoolDisk;
import io.calco.engine.host.TemplateOrder;
import io.calco.engine.images.ImageTemplates;
import io.calco.guest.Change;
import io.calco.guest.generalise.PlannedOperation;
import io.calco.guest.operation.Operation;
import io.calco.guest.operation.Operations;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.Text;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/// `/templates/new`: choose a disk and what is done to its copy, see what will be taken out of it,
/// and only then have it done.
public final class NewTemplatePage implements Page {
  /// Of one operation, so many changes are shown; the others are counted.
  private static final int CHANGES_MAX = 300;

  private final HostWork host;

  /// Makes templates of this host.
  public NewTemplatePage(HostWork host) {
    this.host = host;
  }

  /// The choices.
  ///
  /// @param disks of the pool, that a template can be made of
  /// @param images of the catalogue, likewise
  /// @param templates names of those that are there
  /// @param order what was chosen so far
  /// @param problem why that cannot be done; empty for nothing
  /// @param language of the operations' descriptions
  record Choices(
      List<PoolDisk> disks,
      List<ImageEntry> images,
      List<String> templates,
      TemplateOrder order,
      String problem,
      Locale language) {
    Choices {
      disks = List.copyOf(disks);
      images = List.copyOf(images);
      templates = List.copyOf(templates);
    }

    boolean isNothing() {
      return disks.isEmpty() && images.isEmpty();
    }

    boolean isOnly() {
      return disks.size() + images.size() == 1;
    }

    String disk(ImageEntry image) {
      return ImageTemplates.PREFIX + image.id();
    }

    List<Operation> operations() {
      return Operations.all();
    }

    boolean chosen(Operation operation) {
      return order.operations().contains(operation.name());
    }

    String help(Operation operation) {
      return operation.help(language);
    }

    long byDefault() {
      return Operations.all().stream().filter(Operation::onByDefault).count();
    }
  }

  /// What would be done.
  ///
  /// @param order what was chosen
  /// @param disk what the disk is called
  /// @param would what it does
  /// @param language of the operations' descriptions
  record Preview(TemplateOrder order, String disk, Generalisation would, Locale language) {
    List<PlannedOperation> changing() {
      return would.plan().operations().stream()
          .filter(operation -> !operation.changes().isEmpty() || !operation.notes().isEmpty())
          .toList();
    }

    int idle() {
      return would.plan().operations().size() - changing().size();
    }

    List<String> changes(PlannedOperation operation) {
      return operation.changes().stream().limit(CHANGES_MAX).map(Change::describe).toList();
    }

    int more(PlannedOperation operation) {
      return Math.max(0, operation.changes().size() - CHANGES_MAX);
    }

    String help(PlannedOperation operation) {
      return Operations.find(operation.name()).map(found -> found.help(language)).orElse("");
    }

    /// The address of the choices, with what was chosen.
    String back() {
      return "/templates/new?template=%s&disk=%s"
          .formatted(
              URLEncoder.encode(order.name(), StandardCharsets.UTF_8),
              URLEncoder.encode(order.disk(), StandardCharsets.UTF_8));
    }

    int removed() {
      return would.plan().operations().stream().mapToInt(PlannedOperation::removed).sum();
    }

    int changed() {
      return would.plan().operations().stream().mapToInt(PlannedOperation::changed).sum();
    }

    /// A share of all that goes, for the width of a bar: 0 to 100.
    int share(PlannedOperation operation) {
      long all = Math.max(1, would.plan().bytesRemoved());
      return (int) Math.ceil(100.0 * operation.bytesRemoved() / all);
    }
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .get("/templates/new", visit -> choices(visit, HttpStatus.OK, first(visit), ""))
        .post("/templates/preview", this::preview)
        .post("/templates", this::create);
  }

  private static TemplateOrder first(Visit visit) {
    return new TemplateOrder(
        visit.query("template"),
        visit.query("disk"),
        Operations.all().stream().filter(Operation::onByDefault).map(Operation::name).toList(),
        "");
  }

  private View choices(Visit visit, HttpStatus status, TemplateOrder order, String problem)
      throws IOException {
    return new View.Html(
        status,
        "template/new",
        new Choices(
            host.disks(visit.caller()),
            host.images(visit.caller()),
            host.templates(visit.caller()).stream().map(report -> report.name()).toList(),
            order,
            problem,
            language(visit.text())));
  }

  private static Locale language(Text text) {
    return text.language().locale();
  }

  private static TemplateOrder order(Visit visit) {
    return new TemplateOrder(
        visit.field("name"),
        visit.field("disk"),
        visit.fields("operation"),
        visit.field("hostname"));
  }

  /// What was typed stays when it cannot be meant; what is not allowed is told as everywhere.
  private View preview(Visit visit) throws IOException {
    TemplateOrder order = order(visit);
    try {
      if (order.disk().isEmpty() || order.name().isEmpty()) {
        throw new OperationException(Kind.USAGE, visit.text().of("templates.incomplete"));
      }
      Generalisation would = host.preview(visit.caller(), order);
      String disk = host.nameOfDisk(visit.caller(), order);
      return View.page("template/preview", new Preview(order, disk, would, language(visit.text())));
    } catch (IOException | RuntimeException e) {
      OperationException told = OperationException.of(e);
      return switch (told.kind()) {
        case USAGE, REFUSED, UNSUPPORTED, CORRUPT ->
            choices(
                visit, HttpStatus.UNPROCESSABLE_CONTENT, order, String.valueOf(told.getMessage()));
        default -> throw e;
      };
    }
  }

  private View create(Visit visit) throws IOException {
    BackgroundJob job = host.createTemplate(visit.caller(), order(visit));
    return View.redirect("/jobs/" + job.id());
  }
}
