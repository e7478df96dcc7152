package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.SizeChange;
import io.calco.engine.plan.Keep;
import io.calco.engine.plan.Plan;
import io.calco.engine.plan.PlanMachines;
import io.calco.engine.plan.PlanNotices;
import io.calco.engine.plan.PlanNotices.Language;
import io.calco.engine.plan.PlanNotices.Reach;
import io.calco.engine.plan.PlanRepository;
import io.calco.engine.plan.PlanRepository.Filling;
import io.calco.engine.plan.PlanSource;
import io.calco.engine.plan.PlanWords;
import io.calco.engine.plan.RestoreTrial;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What `calco plan add` and `calco plan change` are told of a plan.
final class PlanFlags {
  private static final String NONE = "none";

  private final Values<String> sources;
  private final Value<String> connect;
  private final Values<String> repositories;
  private final Values<String> copies;
  private final Value<String> keep;
  private final Value<String> schedule;
  private final Value<String> daily;
  private final Value<String> every;
  private final Value<String> zone;
  private final Value<String> readDays;
  private final Value<String> testDays;
  private final Value<String> trial;
  private final Value<String> webhook;
  private final Flag webhookLocal;
  private final Value<String> mail;
  private final Value<String> rate;

  PlanFlags(Syntax words) {
    sources =
        words.options(
            "--source",
            "DISK[,WORD…]",
            String.class,
            "Back up this image file or block device; may be repeated. After commas: machine=NAME,"
                + " partition=N[+N], raw, swap, skip-page-files, allow-live, no-inspect, medium=WORD,"
                + " format=FORMAT, allow=DIR[+DIR] (backing images may lie there), bitmap (in a qcow2"
                + " image, so that the next time only what was written since is read). Or all disks of a machine of libvirt's, which may run:"
                + " machine:NAME, where aula-* and aula-{01..30} mean all that are called so when the"
                + " plan runs; after commas: connect=URI, quiesce=require, auto or no, scratch=DIR.");
    connect =
        words.option(
            "--connect",
            "URI",
            String.class,
            "The libvirt of sources machine:NAME that say no other: qemu:///system, qemu:///session"
                + " or qemu+unix:///system?socket=FILE (default: the one that is usual where the"
                + " plan is run).");
    repositories =
        words.options(
            "--repo, --to",
            "ADDRESS[,WORD…]",
            String.class,
            "Back up to this repository; may be repeated. After commas: medium=WORD (disk, usb,"
                + " nas, tape, object …), off-site, passphrase-file=FILE, allow-unencrypted,"
                + " keep-last=N and -hourly, -daily, -weekly, -monthly, -yearly, keep-tag=TAG.");
    copies =
        words.options(
            "--copy-to",
            "ADDRESS[,WORD…]",
            String.class,
            "Copy to this repository from there; may be repeated. The same words.");
    keep =
        words.option(
            "--keep",
            "RULE",
            String.class,
            "Which points stay where a repository has no rule of its own:"
                + " last=3,daily=7,weekly=4,monthly=12,yearly=5,tag=TAG, or all.");
    schedule =
        words.option(
            "--schedule",
            "WHEN",
            String.class,
            "When: \"daily at 02:30\", \"weekdays at 20:00\", \"sunday at 03:00\", \"monthly on 1 at"
                + " 04:00\", \"every 6h\", \"30 2 * * 1-5\", \"by hand\".");
    daily = words.option("--daily", "TIME[,TIME…]", String.class, "Each day at these times.");
    every = words.option("--every", "INTERVAL", String.class, "Again and again: 30m, 6h, 2d.");
    words.oneOf(schedule, daily, every);
    zone =
        words.option(
            "--zone",
            "ZONE",
            String.class,
            "Whose days and hours are meant, such as Europe/Madrid (default: the system's).");
    readDays =
        words.option(
            "--verify-every",
            "DAYS",
            String.class,
            "Read and compare all that is stored every so many days, a share in each run; none for"
                + " never.");
    testDays =
        words.option(
            "--test-every",
            "DAYS",
            String.class,
            "Try a restore of the newest points every so many days; none for never.");
    trial =
        words.option(
            "--test-by",
            "HOW",
            String.class,
            "How a restore is tried: read (all of it, as a disk), check (its file systems, too), boot"
                + " (in QEMU to a login prompt, too, where it holds a Linux; by $$CALCO_ACCELERATOR if it"
                + " is set).");
    webhook =
        words.option(
            "--webhook",
            "URL",
            String.class,
            "Tell this address, by POST of JSON, when a run fails and when it is well again; none"
                + " for nobody.");
    webhookLocal =
        words.flag(
            "--webhook-allow-local", "The webhook may lie on this machine or in its network.");
    mail =
        words.option(
            "--mail",
            "ADDRESS[+ADDRESS][,WORD…]",
            String.class,
            "Write to these when a run fails and when it is well again, by the server of"
                + " CALCO_MAIL_SERVER; none for nobody. After commas: always (of every run),"
                + " language=en or language=es.");
    rate =
        words.option(
            "--rate-limit",
            "RATE",
            String.class,
            "Let at most so many bytes a second pass to and from each repository, such as 5M; none"
                + " for all.");
  }

  /// A new plan.
  Plan make(String name) {
    return change(
        new Plan(
            name,
            List.of(),
            List.of(),
            "by hand",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            RestoreTrial.READ,
            PlanNotices.none(),
            Optional.empty()));
  }

  /// A plan with what was given in place of what it said.
  Plan change(Plan plan) {
    return new Plan(
        plan.name(),
        sources(plan),
        repositories(plan),
        schedule
            .optional()
            .or(() -> daily.optional().map("daily at "::concat))
            .or(() -> every.optional().map("every "::concat))
            .orElse(plan.schedule()),
        changed(zone, plan.zone()),
        changed(readDays, plan.readDays().map(String::valueOf)).map(PlanFlags::days),
        changed(testDays, plan.testDays().map(String::valueOf)).map(PlanFlags::days),
        trial.given() ? trial(trial.get()) : plan.trial(),
        new PlanNotices(webhook(plan.notices().webhook()), mail(plan.notices().mail())),
        rate.given()
            ? rate.optional().filter(text -> !text.equals(NONE)).map(SizeChange::parseBytes)
            : plan.rate());
  }

  private static Optional<String> changed(Value<String> given, Optional<String> before) {
    return given.given() ? given.optional().filter(text -> !text.equals(NONE)) : before;
  }

  private Optional<PlanNotices.Webhook> webhook(Optional<PlanNotices.Webhook> before) {
    Reach reach = webhookLocal.given() ? Reach.LOCAL : Reach.PUBLIC;
    if (!webhook.given()) {
      return before.map(
          one -> webhookLocal.given() ? new PlanNotices.Webhook(one.address(), reach) : one);
    }
    return changed(webhook, Optional.empty())
        .map(address -> new PlanNotices.Webhook(address, reach));
  }

  private Optional<PlanNotices.Mail> mail(Optional<PlanNotices.Mail> before) {
    if (!mail.given()) {
      return before;
    }
    Language language = Language.of(Locale.getDefault().getLanguage());
    return changed(mail, Optional.empty()).map(text -> PlanWords.mail(text, language));
  }

  private static RestoreTrial trial(String text) {
    return RestoreTrial.named(text)
        .orElseThrow(() ->
            new OperationException(
                Kind.USAGE,
                "\"%s\" is no way to try a restore".formatted(text),
                "such as read, check, boot"));
  }

  private static int days(String text) {
    if (!text.matches("[0-9]{1,6}")) {
      throw new OperationException(Kind.USAGE, "\"%s\" is no number of days".formatted(text));
    }
    return Integer.parseInt(text);
  }

  /// Where sources are named anew, they may name a libvirt each; else that of all is changed.
  private List<PlanSource> sources(Plan plan) {
    if (sources.all().isEmpty()) {
      return plan.sources().stream().map(this::connected).toList();
    }
    return sources.all().stream()
        .map(PlanWords::source)
        .map(source ->
            source.machines().flatMap(PlanMachines::connect).isPresent()
                ? source
                : connected(source))
        .toList();
  }

  private PlanSource connected(PlanSource source) {
    return source
        .machines()
        .flatMap(how -> connect.optional().map(how::at))
        .map(source::with)
        .orElse(source);
  }

  private List<PlanRepository> repositories(Plan plan) {
    Optional<Keep> rule = keep.optional().map(PlanWords::keep);
    List<PlanRepository> all = new ArrayList<>();
    all.addAll(filled(plan, repositories, Filling.BACKUP, rule));
    all.addAll(filled(plan, copies, Filling.COPY, rule));
    return all;
  }

  private static List<PlanRepository> filled(
      Plan plan, Values<String> given, Filling filling, Optional<Keep> rule) {
    if (given.all().isEmpty()) {
      return plan.filledBy(filling).stream()
          .map(before -> rule.map(before::with).orElse(before))
          .toList();
    }
    return given.all().stream()
        .filter(text -> !text.equals(NONE))
        .map(text -> PlanWords.repository(text, filling, rule.orElse(Keep.all())))
        .toList();
  }
}
