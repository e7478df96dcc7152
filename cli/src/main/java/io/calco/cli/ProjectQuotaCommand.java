package io.calco.cli;

import io.calco.catalog.ImageUsage;
import io.calco.catalog.Project;
import io.calco.catalog.ProjectQuota;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.SizeChange;
import io.calco.engine.audit.Actor;
import io.calco.engine.identity.Identity;
import io.calco.engine.images.ProjectQuotas;
import io.calco.engine.images.ProjectQuotas.Change;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/// `calco project quota`.
final class ProjectQuotaCommand extends HomeCommand {
  private static final String ANY = "any";
  private static final String NONE = "none";

  /// Of a project that another identity knows.
  private static final Pattern ID = Pattern.compile("[0-9a-f]{32}|[0-9a-f-]{36}");

  private final Value<String> project =
      words.optionalParameter(
          "PROJECT",
          String.class,
          "The project's name, or the id of one that a Keystone knows; without it the quota of all"
              + " that have none of their own.");
  private final Value<String> images =
      words.option("--images", "NUMBER", String.class, "How many images; `any` for no limit.");
  private final Value<String> uploads =
      words.option("--uploads", "NUMBER", String.class, "How many images whose content is coming.");
  private final Value<String> size =
      words.option("--size", "SIZE", String.class, "How much content, such as 500G.");
  private final Value<String> staged =
      words.option("--staged", "SIZE", String.class, "How much staged content.");
  private final Flag remove = words.flag("--remove", "Take the project's own quota away.");

  ProjectQuotaCommand() {
    super(
        "quota",
        "Show or set what a project may have of images.",
        "What is not named stays. A server that runs holds to it from the next request on; what a"
            + " project has already stays.");
    words.examples(
        "calco project quota --size 100G",
        "calco project quota class --images 50 --size 500G",
        "calco project quota class --size any");
  }

  @Override
  int run(Calco calco) throws IOException {
    ProjectQuotas quotas =
        new ProjectQuotas(calco.catalog().images(), calco.audit(), Actor.command());
    String id = project.optional().isPresent() ? id(calco, project.get()) : ProjectQuotas.ALL;
    Change change =
        new Change(
            amount("--images", images, ProjectQuotaCommand::number),
            amount("--uploads", uploads, ProjectQuotaCommand::number),
            amount("--size", size, SizeChange::parseBytes),
            amount("--staged", staged, SizeChange::parseBytes));
    if (remove.given()) {
      if (!change.isNone()) {
        throw new OperationException(Kind.USAGE, "--remove goes with no amount");
      }
      quotas.remove(id);
    } else if (!change.isNone()) {
      quotas.change(id, change);
    }
    show(quotas, id);
    return ExitCode.DONE;
  }

  private static String id(Calco calco, String name) throws IOException {
    Optional<Project> known = calco.catalog().accounts().findProjectByName(name);
    if (known.isEmpty() && ID.matcher(name).matches()) {
      return name;
    }
    return known.isPresent()
        ? known.get().id()
        : new Identity(calco.catalog()).projects().getNamed(name).id();
  }

  private static Optional<Long> amount(
      String option, Value<String> given, Function<String, Long> rule) {
    if (!given.given()) {
      return Optional.empty();
    }
    String text = given.get();
    if (text.equals(ANY)) {
      return Optional.of(ProjectQuota.UNLIMITED);
    }
    long amount = rule.apply(text);
    if (amount < 0) {
      throw new OperationException(Kind.USAGE, "%s: %s is no amount".formatted(option, text));
    }
    return Optional.of(amount);
  }

  private static long number(String text) {
    if (!text.matches("[0-9]{1,12}")) {
      throw new OperationException(Kind.USAGE, text + " is no number", "or: any");
    }
    return Long.parseLong(text);
  }

  private void show(ProjectQuotas quotas, String id) throws IOException {
    ProjectQuota quota = quotas.of(id);
    Optional<ImageUsage> usage =
        id.equals(ProjectQuotas.ALL) ? Optional.empty() : Optional.of(quotas.usage(id));
    if (json()) {
      Json.Fields fields = Json.object();
      put(fields, "images", quota.images(), usage.map(ImageUsage::images));
      put(fields, "uploads", quota.uploads(), usage.map(ImageUsage::uploading));
      put(fields, "size", quota.size(), usage.map(ImageUsage::size));
      put(fields, "staged", quota.staged(), usage.map(ImageUsage::staged));
      Json.print(out(), fields);
      return;
    }
    Table table =
        usage.isPresent() ? new Table("WHAT", "LIMIT", "USE") : new Table("WHAT", "LIMIT");
    add(table, "images", quota.images(), usage.map(ImageUsage::images), String::valueOf);
    add(table, "uploads", quota.uploads(), usage.map(ImageUsage::uploading), String::valueOf);
    add(table, "size", quota.size(), usage.map(ImageUsage::size), Text::size);
    add(table, "staged", quota.staged(), usage.map(ImageUsage::staged), Text::size);
    table.print(out());
  }

  private static void put(Json.Fields fields, String name, long limit, Optional<Long> use) {
    Json.Fields one =
        Json.object()
            .put("limit", limit == ProjectQuota.UNLIMITED ? Optional.empty() : Optional.of(limit));
    use.ifPresent(amount -> one.put("use", amount));
    fields.put(name, one);
  }

  private static void add(
      Table table, String name, long limit, Optional<Long> use, Function<Long, String> text) {
    String shown = limit == ProjectQuota.UNLIMITED ? NONE : text.apply(limit);
    if (use.isPresent()) {
      table.add(name, shown, text.apply(use.get()));
    } else {
      table.add(name, shown);
    }
  }
}
