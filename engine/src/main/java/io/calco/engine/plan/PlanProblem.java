package io.calco.engine.plan;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.util.Locale;

/// What cannot be meant of a plan, and where it stands. Front ends that know the reader's language
/// say it in that: by [Reason#text], with [#value].
///
/// @param field where it stands, as forms call it: `schedule`, `source-0-path`, `repository-1-keep`
/// @param reason what is wrong
/// @param value what was found there
public record PlanProblem(String field, Reason reason, String value) {
  /// What may be wrong.
  public enum Reason {
    /// No name.
    NAME(
        "\"%s\" is no name",
        "1 to 63 letters, digits, '.', '_' and '-', of which the first is a letter or digit"),
    /// The pages have a page of that name.
    RESERVED("a plan cannot be called \"%s\": the web pages have a page of that name", ""),
    /// Another plan has it.
    TAKEN("there is a plan %s already", ""),
    /// Nothing to back up, or too much.
    SOURCES("it has no source, or too many", "name one: --source DISK"),
    /// Nowhere to back up to, or too many places.
    REPOSITORIES("it has no repository to back up to, or too many", "name one: --repo ADDRESS"),
    /// No place at all.
    EMPTY("a place is empty", ""),
    /// A source or repository stands there already.
    TWICE("%s is named twice", ""),
    /// A source that nobody allowed.
    SOURCE_DENIED(
        "%s: may not be backed up from the pages", "the setting backup-sources says what may"),
    /// A source that is not there.
    SOURCE_MISSING("%s: no such file", ""),
    /// A repository that nobody allowed.
    REPOSITORY_DENIED(
        "%s: the settings know no such repository", "the setting repositories names them"),
    /// No address of a repository.
    ADDRESS("\"%s\" is no repository's address", ""),
    /// No word for a medium.
    MEDIUM("a medium is a word, such as disk or usb", ""),
    /// No name of a machine.
    MACHINE("\"%s\" is no machine's name", ""),
    /// One name for several machines.
    MACHINES_NAME(
        "%s: several machines cannot have one name in the points",
        "without it each has libvirt's: leave machine=NAME out"),
    /// Said of a machine, and of disks alone.
    WHOLE_MACHINE(
        "%s: a machine's disks are taken whole, as they are",
        "partition, format, allow-live and bitmap are for disks"),
    /// No libvirt of this host.
    LIBVIRT(
        "\"%s\" is no address of a libvirt on this host",
        "such as qemu:///system or qemu:///session"),
    /// The pages show no libvirt's machines.
    NO_LIBVIRT("%s: no machines are shown in the pages", "the setting libvirt says whose are"),
    /// No numbers of partitions.
    PARTITIONS("\"%s\" is no partition's number", "such as 1+2"),
    /// Nothing that a schedule can be.
    SCHEDULE(
        "\"%s\" is no schedule",
        "such as: daily at 02:30, every 6h, weekdays at 20:00, sunday at 03:00,"
            + " monthly on 1 at 04:00, 30 2 * * 1-5, by hand"),
    /// A schedule whose time never comes.
    NEVER_DUE("the schedule \"%s\" is never due", "only asked for: by hand"),
    /// No time zone.
    ZONE("there is no time zone %s", "such as Europe/Madrid"),
    /// No number of days.
    DAYS("\"%s\" is no number of days from 1 to 3660", ""),
    /// No rate.
    RATE("\"%s\" is no rate of 1 byte a second or more", "such as 5M"),
    /// No count of points.
    COUNT("\"%s\" is no count from 0 to 100000", ""),
    /// A rule under which nothing need stay.
    KEEPS_NOTHING("%s: the rule may keep nothing", "say how many to keep, such as keep-last=3"),
    /// Off-site, readable by anybody there.
    PLAIN(
        Kind.REFUSED,
        "%s: is off-site and not encrypted: anybody there could read it",
        "name its passphrase's file: passphrase-file=FILE, or say that it may be: allow-unencrypted"),
    /// No address of the web.
    WEBHOOK("\"%s\" is no address of the web", "such as https://hooks.example/T0"),
    /// On this machine or in its network.
    WEBHOOK_LOCAL(
        Kind.REFUSED,
        "%s: is not on the public network",
        "say that the webhook may lie in your own: --webhook-allow-local"),
    /// No address of mail.
    MAIL("\"%s\" is no mail address", "such as ana@example.org"),
    /// Nobody would send it.
    MAIL_SERVER("there is no mail server", "set mail-server");

    private final Kind kind;
    private final String pattern;
    private final String hint;

    Reason(String pattern, String hint) {
      this(Kind.USAGE, pattern, hint);
    }

    Reason(Kind kind, String pattern, String hint) {
      this.kind = kind;
      this.pattern = pattern;
      this.hint = hint;
    }

    /// As it is written: `never-due`.
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /// The refusal that says this.
  OperationException refusal() {
    String what = reason.pattern.formatted(value);
    return new OperationException(
        reason.kind, reason.kind == Kind.USAGE ? "the plan: " + what : what, reason.hint);
  }
}
