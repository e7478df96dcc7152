package io.calco.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.catalog.AuditQuery;
import io.calco.engine.Calco;
import io.calco.engine.Home;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Actor;
import io.calco.engine.backup.MachineBackupRequest.Quiesce;
import io.calco.engine.backup.MachineBackups;
import io.calco.engine.backup.served.BackupSettings;
import io.calco.engine.backup.served.BackupSettings.Devices;
import io.calco.engine.backup.served.BackupSettings.Known;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.WebAddresses;
import io.calco.engine.plan.PlanNotices.Language;
import io.calco.engine.plan.PlanNotices.Reach;
import io.calco.engine.plan.PlanNotices.When;
import io.calco.engine.plan.PlanRepository.Filling;
import io.calco.engine.plan.PlanRepository.Place;
import io.calco.engine.plan.PlanRepository.Plainness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What administrators may say of plans in the pages, and what is wrong with what they say.
class PlanEditorTest {
  private static final Caller ADMIN =
      new Caller("1", "admin", Optional.empty(), Set.of(Caller.ADMIN));

  @TempDir private Path directory;
  private Path disk = Path.of("");
  private @Nullable Calco opened;

  @BeforeEach
  void open() throws IOException {
    Path images = Files.createDirectory(directory.resolve("images"));
    disk = Files.write(images.resolve("a.img"), new byte[1000]);
    opened = Calco.open(new Home(directory.resolve("home")));
  }

  @AfterEach
  void close() throws IOException {
    Objects.requireNonNull(opened).close();
  }

  private Plans plans() {
    return new Plans(Objects.requireNonNull(opened), Actor.server(), PlanSettings.defaults());
  }

  private PlanEditor editor() {
    return editor(Optional.empty());
  }

  private PlanEditor editor(Optional<String> libvirt) {
    return new PlanEditor(
        plans(),
        new BackupSettings(
            List.of(
                new Known("nas", directory.resolve("nas").toString(), Optional.empty()),
                new Known("away", "sftp://ana@far/b", Optional.of(Path.of("/etc/calco/away")))),
            List.of(),
            Devices.REFUSED,
            List.of(disk.getParent())),
        new WebAddresses(Set.of("hooks.lan", "10.0.0.7:8080")),
        libvirt);
  }

  private static PlanDraft.Source source(Object path) {
    PlanDraft.Source empty = PlanDraft.Source.empty();
    return new PlanDraft.Source(
        path.toString(),
        empty.format(),
        empty.machine(),
        empty.medium(),
        empty.partitions(),
        empty.coverage(),
        empty.use(),
        empty.look(),
        empty.tracking(),
        empty.quiesce());
  }

  private static PlanDraft.Repository repository(
      String address, Filling filling, Place place, Map<String, String> keep) {
    return new PlanDraft.Repository(address, filling, "disk", place, Plainness.REFUSED, keep, "");
  }

  private PlanDraft draft(String webhook, List<PlanDraft.Source> sources) {
    return new PlanDraft(
        "nightly",
        sources,
        List.of(
            repository("nas", Filling.BACKUP, Place.ON_SITE, Map.of("daily", "7")),
            repository("away", Filling.COPY, Place.OFF_SITE, Map.of())),
        "daily at 02:30",
        "Europe/Madrid",
        "30",
        "",
        RestoreTrial.CHECK,
        "5M",
        webhook,
        "",
        When.FAILURES,
        Language.ES);
  }

  private static List<String> told(PlanEditor.Read read) {
    return read.problems().stream()
        .map(problem -> problem.field() + " " + problem.reason().text())
        .toList();
  }

  @Test
  void aPlanIsMadeOfWhatTheSettingsKnow() throws IOException {
    assertThat(editor().sources(ADMIN)).containsExactly(disk.toString());
    PlanEditor.Read read = editor().add(ADMIN, draft("", List.of(source(disk))));
    assertThat(told(read)).isEmpty();
    Plan plan = plans().get("nightly");
    assertThat(plan).isEqualTo(read.plan());
    assertThat(plan.repositories())
        .extracting(PlanRepository::address)
        .containsExactly(directory.resolve("nas").toString(), "sftp://ana@far/b");
    assertThat(plan.repositories().get(1).passphraseFile()).contains("/etc/calco/away");
    assertThat(plan.repositories().getFirst().keep().text()).isEqualTo("daily=7");
    assertThat(plan.rate()).contains(5L << 20);
    // As a form again it is what it was.
    PlanDraft again = editor().draft(ADMIN, "nightly", Language.EN);
    assertThat(again.repositories())
        .extracting(PlanDraft.Repository::address)
        .containsExactly("nas", "away");
    assertThat(editor().change(ADMIN, again).plan()).isEqualTo(plan);
    assertThat(told(editor().add(ADMIN, draft("", List.of(source(disk))))))
        .containsExactly("name taken");
    assertThat(Objects.requireNonNull(opened).audit().list(AuditQuery.newest(9)))
        .isNotEmpty()
        .allMatch(event -> event.toString().contains("admin"));
  }

  @Test
  void whatTheSettingsDoNotKnowIsRefused() throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), "s");
    Path link = Files.createSymbolicLink(disk.resolveSibling("link"), secret);
    assertThat(
            told(
                editor()
                    .read(
                        ADMIN,
                        draft(
                            "http://127.0.0.1:1/x",
                            List.of(
                                source(secret),
                                source(disk.getParent() + "/../secret"),
                                source(link),
                                source(disk.resolveSibling("none")),
                                source("a\0b"))),
                        Optional.empty())))
        .containsExactlyInAnyOrder(
            "source-0-path source-denied",
            "source-1-path source-denied",
            "source-2-path source-denied",
            "source-3-path source-missing",
            "source-4-path source-denied",
            "webhook webhook-local");
    assertThat(editor().sources(ADMIN)).containsExactly(disk.toString());
  }

  @Test
  void allThatIsWrongIsToldAtOnce() throws IOException {
    PlanDraft wrong =
        new PlanDraft(
            "-",
            List.of(),
            List.of(
                repository("", Filling.COPY, Place.ON_SITE, Map.of("daily", "x")),
                repository("nas", Filling.COPY, Place.OFF_SITE, Map.of()),
                repository("/etc", Filling.COPY, Place.ON_SITE, Map.of("last", "100001"))),
            "0 0 30 2 *",
            "Mars/Base",
            "0",
            "4000",
            RestoreTrial.READ,
            "fast",
            "gopher://x",
            "ana@example.org\n, b",
            When.FAILURES,
            Language.EN);
    assertThat(told(editor().add(ADMIN, wrong)))
        .containsExactlyInAnyOrder(
            "name name",
            "sources sources",
            "repositories repositories",
            "repository-0-address empty",
            "repository-0-keep count",
            "repository-1-place plain",
            "repository-2-address repository-denied",
            "repository-2-keep count",
            "schedule never-due",
            "zone zone",
            "read-days days",
            "test-days days",
            "rate rate",
            "webhook webhook",
            "mail mail-server");
    assertThat(plans().names()).isEmpty();
  }

  @Test
  void whatACommandGaveItAPlanKeeps() throws IOException {
    Plan made =
        PlanFixtures.plan(
            "by hand",
            List.of("/dev/sda"),
            PlanFixtures.repository("/elsewhere", Filling.BACKUP, Keep.all()));
    plans()
        .add(
            made.with(
                new PlanNotices(
                    Optional.of(new PlanNotices.Webhook("http://127.0.0.1:9/hook", Reach.LOCAL)),
                    Optional.empty())));
    PlanEditor.Read read = editor().change(ADMIN, editor().draft(ADMIN, "p", Language.EN));
    assertThat(told(read)).isEmpty();
    assertThat(read.plan().notices().webhook().orElseThrow().reach()).isEqualTo(Reach.LOCAL);
  }

  @Test
  void hostsOfTheOwnNetworkAreToldWhereTheSettingsAllowThem() throws IOException {
    List<PlanDraft.Source> sources = List.of(source(disk));
    for (String address : List.of("http://10.0.0.7:8080/x", "https://hooks.lan/x")) {
      PlanEditor.Read read = editor().read(ADMIN, draft(address, sources), Optional.empty());
      assertThat(told(read)).isEmpty();
      assertThat(read.plan().notices().webhook().orElseThrow().reach()).isEqualTo(Reach.LOCAL);
    }
    for (String address : List.of("http://10.0.0.7/x", "http://localhost/", "http://[::1]/")) {
      assertThat(told(editor().read(ADMIN, draft(address, sources), Optional.empty())))
          .as(address)
          .containsExactly("webhook webhook-local");
    }
  }

  @Test
  void aPreviewSaysWhatWouldStay() throws IOException {
    PlanEditor editor = editor();
    PlanEditor.Read read = editor.read(ADMIN, draft("", List.of(source(disk))), Optional.empty());
    PlanEditor.Preview preview = editor.preview(read, 60);
    assertThat(preview.next()).hasSize(3);
    assertThat(preview.stays()).hasSize(2);
    assertThat(preview.stays().getFirst().repository()).isEqualTo("nas");
    assertThat(preview.stays().getFirst().points().stream().filter(Simulation.Point::kept))
        .hasSize(7);
    Simulation.Part daily = preview.stays().getFirst().parts().getFirst();
    assertThat(daily.reason()).isEqualTo("daily");
    assertThat(daily.alone()).isEqualTo(7);
    PlanDraft often = editor.draft(ADMIN, minutely(), Language.EN);
    assertThat(editor.preview(editor.read(ADMIN, often, Optional.of("p")), 3660).tooMany())
        .isTrue();
  }

  private String minutely() throws IOException {
    plans()
        .add(
            PlanFixtures.plan(
                "every 1m",
                List.of("/dev/sda"),
                PlanFixtures.repository("/near", Filling.BACKUP, PlanFixtures.last(100_000))));
    return "p";
  }

  @Test
  void nobodyElseMay() {
    Caller member = new Caller("2", "ana", Optional.empty(), Set.of(Caller.MEMBER));
    PlanEditor editor = editor();
    assertThatThrownBy(() -> editor.add(member, draft("", List.of())))
        .isInstanceOfSatisfying(
            OperationException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DENIED));
    assertThatThrownBy(() -> editor.remove(member, "p"))
        .isInstanceOfSatisfying(
            OperationException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DENIED));
  }

  private static PlanDraft.Source machines(String pattern, String partitions) {
    PlanDraft.Source empty = PlanDraft.Source.empty();
    return new PlanDraft.Source(
        MachineBackups.source(pattern),
        empty.format(),
        empty.machine(),
        empty.medium(),
        partitions,
        empty.coverage(),
        empty.use(),
        empty.look(),
        empty.tracking(),
        Quiesce.REQUIRE);
  }

  @Test
  void machinesAreThoseThatThePagesShow() throws IOException {
    PlanDraft draft = draft("", List.of(machines("aula-*", "")));
    assertThat(told(editor().read(ADMIN, draft, Optional.empty())))
        .containsExactly("source-0-path no-libvirt");
    PlanEditor editor = editor(Optional.of("qemu:///session"));
    assertThat(editor.sources(ADMIN)).containsExactly(disk.toString(), "machine:*");
    PlanEditor.Read read = editor.add(ADMIN, draft);
    assertThat(told(read)).isEmpty();
    PlanSource source = plans().get("nightly").sources().getFirst();
    assertThat(source.path()).isEqualTo("machine:aula-*");
    assertThat(source.machines())
        .contains(
            new PlanMachines(Optional.of("qemu:///session"), Quiesce.REQUIRE, Optional.empty()));
    assertThat(
            told(
                editor.read(
                    ADMIN,
                    draft("", List.of(machines("a", "1"), machines("{3..1}", ""))),
                    Optional.of("nightly"))))
        .containsExactlyInAnyOrder("source-0-path whole-machine", "source-1-path machine");
  }

  @Test
  void aPlanKeepsTheLibvirtThatACommandGaveIt() throws IOException {
    PlanSource given =
        PlanWords.source(
            "machine:web1,connect=qemu:///session,quiesce=no,scratch=/var/tmp/s,allow=/a+/b");
    assertThat(given.allow()).containsExactly("/a", "/b");
    assertThat(given.machines())
        .contains(
            new PlanMachines(
                Optional.of("qemu:///session"), Quiesce.NO, Optional.of("/var/tmp/s")));
    Plan made =
        PlanFixtures.plan(
            "by hand",
            List.of("machine:web1"),
            PlanFixtures.repository("/elsewhere", Filling.BACKUP, Keep.all()));
    plans()
        .add(
            new Plan(
                made.name(),
                List.of(given),
                made.repositories(),
                made.schedule(),
                made.zone(),
                made.readDays(),
                made.testDays(),
                made.trial(),
                made.notices(),
                made.rate()));
    PlanEditor editor = editor(Optional.of("qemu:///system"));
    PlanEditor.Read read = editor.change(ADMIN, editor.draft(ADMIN, "p", Language.EN));
    assertThat(told(read)).isEmpty();
    assertThat(plans().get("p").sources()).containsExactly(given);
  }

  @Test
  void aPlanFromBeforeMachinesIsReadStill() {
    Plan plan =
        PlanText.decode(
            "old",
            """
            {"version":3,"name":"old","sources":[{"path":"/dev/sda","medium":"disk","partitions":[],
             "coverage":"used","use":"REFUSED","look":"INSPECT"}],"repositories":[],
             "schedule":"by hand","trial":"check","notices":{}}
            """);
    assertThat(plan.sources()).containsExactly(PlanSource.of("/dev/sda"));
    assertThat(plan.trial()).isEqualTo(RestoreTrial.CHECK);
    assertThat(PlanText.decode("old", PlanText.encode(plan))).isEqualTo(plan);
  }

  @Test
  void aPlanOfTheFirstVersionIsReadStill() {
    Plan plan =
        PlanText.decode(
            "old",
            """
            {"version":1,"name":"old","sources":[],"repositories":[],"schedule":"by hand",
             "webhook":"http://10.0.0.1/x"}
            """);
    assertThat(plan.notices().webhook())
        .contains(new PlanNotices.Webhook("http://10.0.0.1/x", Reach.LOCAL));
    assertThat(plan.notices().mail()).isEmpty();
    assertThat(PlanText.decode("old", PlanText.encode(plan))).isEqualTo(plan);
  }
}
