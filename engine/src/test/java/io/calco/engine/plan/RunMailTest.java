package io.calco.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.JobContext;
import io.calco.engine.Calco;
import io.calco.engine.Home;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Actor;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import io.calco.engine.plan.PlanNotices.Language;
import io.calco.engine.plan.PlanNotices.Mail;
import io.calco.engine.plan.PlanNotices.When;
import io.calco.engine.plan.PlanRepository.Filling;
import io.calco.engine.repository.RepositoryOptions;
import io.calco.engine.store.StoreSecret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Mail about runs, to a real server.
class RunMailTest {
  private static final RunLetter LETTER =
      new RunLetter("Calco: el plan «diario» falló", "línea 1\n");

  @TempDir private Path directory;

  private static void send(Map<String, String> variables, String... to) throws IOException {
    new RunMail(MailServer.of(variables).orElseThrow())
        .send(List.of(to), LETTER, Instant.parse("2026-11-22T02:31:00Z"));
  }

  @ParameterizedTest
  @CsvSource({
    "starttls, smtp://ana@, True, b'ana'",
    "tls, smtps://ana@, True, b'ana'",
    "plain, smtp-plain://, False, False"
  })
  void isSentAsTheServerWantsIt(String mode, String scheme, String tls, String user)
      throws IOException {
    try (SmtpServer server = SmtpServer.start(directory, mode, "localhost")) {
      send(server.variables(scheme), "ana@example.org", "luis@example.org");
      assertThat(server.mail(1))
          .contains(
              "X-Tls: " + tls,
              "X-To: ana@example.org,luis@example.org",
              "From: calco@example.org",
              "Subject: Calco: el plan «diario» falló",
              "Auto-Submitted: auto-generated",
              "\nlínea 1\n");
    }
  }

  @Test
  void aWrongPasswordIsToldInALine() throws IOException {
    try (SmtpServer server = SmtpServer.start(directory, "starttls", "localhost")) {
      Map<String, String> variables = server.variables("smtp://ana@");
      variables.put("CALCO_MAIL_PASSWORD", "otra");
      assertThatThrownBy(() -> send(variables, "ana@example.org"))
          .isInstanceOfSatisfying(
              OperationException.class, e -> assertThat(e.kind()).isEqualTo(Kind.SYSTEM))
          .hasMessageMatching("smtp://localhost:\\d+: .*535.*")
          .message()
          .doesNotContain("otra", "\n");
      assertThat(server.count()).isZero();
    }
  }

  @Test
  void anUnknownAddressIsToldAndTheOthersGetIt() throws IOException {
    try (SmtpServer server = SmtpServer.start(directory, "starttls", "localhost")) {
      assertThatThrownBy(
              () -> send(server.variables("smtp://ana@"), "nobody@example.org", "luis@example.org"))
          .hasMessageContaining("there is no such user here");
      assertThat(server.mail(1)).contains("X-To: luis@example.org\n");
    }
  }

  @Test
  void aCertificateOfAnotherNameIsRefused() throws IOException {
    try (SmtpServer server = SmtpServer.start(directory, "starttls", "other.example")) {
      assertThatThrownBy(() -> send(server.variables("smtp://ana@"), "ana@example.org"))
          .isInstanceOf(OperationException.class);
      assertThat(server.count()).isZero();
    }
  }

  @Test
  void aCertificateThatNobodyVouchesForIsRefused() throws IOException {
    try (SmtpServer server = SmtpServer.start(directory, "tls", "localhost")) {
      Map<String, String> variables = server.variables("smtps://ana@");
      variables.remove("CALCO_MAIL_CA_FILE");
      assertThatThrownBy(() -> send(variables, "ana@example.org"))
          .isInstanceOf(OperationException.class);
      assertThat(server.count()).isZero();
    }
  }

  @Test
  void aServerWithoutTlsGetsNoPassword() throws IOException {
    try (SmtpServer server = SmtpServer.start(directory, "plain", "localhost")) {
      assertThatThrownBy(() -> send(server.variables("smtp://ana@"), "ana@example.org"))
          .hasMessageContaining("STARTTLS");
      assertThat(server.count()).isZero();
    }
    assertThatThrownBy(
            () -> MailServer.of(Map.of("CALCO_MAIL_SERVER", "smtp-plain://ana@mail.example")))
        .hasMessageContaining("in the clear");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mail.example",
        "http://mail.example",
        "smtp://",
        "smtp://a b",
        "smtp://mail.example:99999",
        "smtp://mail.example/x"
      })
  void whatIsNoServerIsRefused(String server) {
    assertThatThrownBy(() -> MailServer.of(Map.of("CALCO_MAIL_SERVER", server)))
        .isInstanceOfSatisfying(
            OperationException.class, e -> assertThat(e.kind()).isEqualTo(Kind.USAGE));
  }

  @Test
  void theServerIsReadFromVariables() throws IOException {
    assertThat(MailServer.of(Map.of())).isEmpty();
    MailServer server =
        MailServer.of(
                Map.of(
                    "CALCO_MAIL_SERVER", "smtp://ana@example.org@mail.example.org",
                    "CALCO_MAIL_PASSWORD", "secret"))
            .orElseThrow();
    assertThat(server.user()).contains("ana@example.org");
    assertThat(server.from()).isEqualTo("ana@example.org");
    assertThat(server.port()).isEqualTo(587);
    assertThat(server).hasToString("smtp://mail.example.org:587");
  }

  @Test
  void failuresTheirEndAndWhatIsAskedForAreTold() throws IOException {
    Path disk = Files.write(directory.resolve("disk.img"), new byte[100_000]);
    Path near = directory.resolve("near");
    BackupRepository.create(near.toString(), RepositoryOptions.defaults(), StoreSecret.none())
        .close();
    Plan plan =
        PlanFixtures.plan(
            "by hand",
            List.of(disk.toString()),
            PlanFixtures.repository(near, Filling.BACKUP, Keep.all()));
    Path mail = Files.createDirectory(directory.resolve("smtp"));
    try (SmtpServer server = SmtpServer.start(mail, "starttls", "localhost");
        Calco calco = Calco.open(new Home(directory.resolve("home")))) {
      Plans plans =
          new Plans(
              calco,
              Actor.command(),
              PlanSettings.defaults().withMail(MailServer.of(server.variables("smtp://ana@"))));
      plans.add(plan.with(told(When.FAILURES, Language.ES)));
      plans.run("p", JobContext.SILENT);
      assertThat(server.count()).isZero();
      Files.move(disk, directory.resolve("elsewhere"));
      PlanReport failed = plans.run("p", JobContext.SILENT);
      assertThat(failed.steps().getLast().message()).isEqualTo("told");
      assertThat(server.mail(1))
          .contains("Subject: Calco: plan p en " + Backups.hostName() + ": falló")
          .contains("\nbackup %s → %s: %s: no such file\n".formatted(disk, near, disk))
          .contains("Estado: falló", "Duró: 0 s", "Pasos: 2, de ellos 1 fallidos")
          .containsPattern("El final de su registro:\n\n2.*  backup .* FAILED")
          .contains("Todo: calco plan log --run 2");
      Files.move(directory.resolve("elsewhere"), disk);
      plans.run("p", JobContext.SILENT);
      assertThat(server.mail(2)).contains("Subject: Calco: plan p en ", ": hecho");
      plans.run("p", JobContext.SILENT);
      assertThat(server.count()).isEqualTo(2);
      plans.change(plan.with(told(When.ALWAYS, Language.EN)));
      plans.run("p", JobContext.SILENT);
      assertThat(server.mail(3)).contains("Subject: Calco: plan p on ", ": done\n");
    }
  }

  private static PlanNotices told(When when, Language language) {
    return new PlanNotices(
        Optional.empty(), Optional.of(new Mail(List.of("ana@example.org"), when, language)));
  }

  @Test
  void withoutAServerTheRunSaysSo() throws IOException {
    Path disk = Files.write(directory.resolve("disk.img"), new byte[100_000]);
    try (Calco calco = Calco.open(new Home(directory.resolve("home")))) {
      Plans plans = new Plans(calco, Actor.command(), PlanSettings.defaults());
      plans.add(
          PlanFixtures.plan(
                  "by hand",
                  List.of(disk.toString()),
                  PlanFixtures.repository(directory.resolve("gone"), Filling.BACKUP, Keep.all()))
              .with(told(When.FAILURES, Language.EN)));
      assertThat(plans.run("p", JobContext.SILENT).steps().getLast().message())
          .isEqualTo(
              "there is no mail server (set CALCO_MAIL_SERVER, or mail-server of calco serve)");
    }
  }
}
