package io.calco.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.catalog.Clone;
import io.calco.disk.JobContext;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.TemplateRequest.MasterKeys;
import io.calco.engine.TemplateRequest.Placement;
import io.calco.engine.inside.GuestEdit;
import io.calco.engine.inside.GuestFiles;
import io.calco.engine.inside.GuestPath;
import io.calco.guest.generalise.GeneraliseOptions;
import io.calco.guest.generalise.OperationSelection;
import io.calco.guest.inspect.GuestFacts;
import io.calco.guest.inspect.UniqueFact;
import io.calco.testkit.Oracle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Machines whose root is encrypted, from inspection to clones; cryptsetup and e2fsck agree.
class LuksGuestTest {
  @TempDir Path directory;
  private TestHome home;
  private Path key;

  @BeforeEach
  void open() throws IOException {
    Oracle.named("cryptsetup");
    home = new TestHome(directory);
    key = directory.resolve("key");
  }

  @AfterEach
  void close() throws Exception {
    home.close();
  }

  private Path encrypted(String type) throws IOException {
    return LuksGuest.make(directory, home.disk, type);
  }

  @Test
  void withoutPassphraseItSaysSo() throws IOException {
    Path disk = encrypted(LuksGuest.QUICK_LUKS2);
    GuestFacts facts = Inspection.of(disk, GuestOptions.of(LuksGuest.raw())).guest();
    assertThat(facts.system()).isEmpty();
    assertThat(facts.volumes().get(1).unreadable().orElseThrow()).contains("it is encrypted");
    assertRefused(() -> {
      home.calco
          .templates()
          .create("t", home.request(disk, Placement.POOL_COPY), JobContext.SILENT);
    });
    assertRefused(
        () -> GuestFiles.open(place(disk, "/"), GuestOptions.of(LuksGuest.raw())).close());
    assertRefused(
        () -> GuestFiles.open(GuestPath.parse(disk + ":p2:/"), LuksGuest.opened("wrong")).close());
    assertThat(home.files()).isEmpty();
  }

  private interface Action {
    void run() throws IOException;
  }

  private static void assertRefused(Action action) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            OperationException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(Kind.DENIED);
              assertThat(e.getMessage()).contains("it is encrypted (LUKS ");
              assertThat(e.hint().orElseThrow()).contains("--passphrase-file");
            });
  }

  private static GuestPath place(Path disk, String path) {
    return GuestPath.parse(disk + ":" + path);
  }

  private static String cat(Path disk, String path, String secret) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (GuestFiles files = GuestFiles.open(place(disk, path), LuksGuest.opened(secret))) {
      files.cat(path, text);
    }
    return text.toString(StandardCharsets.UTF_8);
  }

  private String masterKey(Path partition, String secret) throws IOException {
    Path file = Files.writeString(directory.resolve("its-key"), secret);
    String dump =
        Oracle.named("cryptsetup")
            .run("luksDump", "-q", "--dump-volume-key", "--key-file", file, partition)
            .succeeds()
            .out();
    return dump.substring(dump.indexOf("MK dump:"));
  }

  private TemplateRequest request(Path disk, MasterKeys keys, String operations) {
    GeneraliseOptions how = GeneraliseOptions.defaults().with(OperationSelection.parse(operations));
    return new TemplateRequest(
        disk, LuksGuest.opened(LuksGuest.SECRET), Placement.POOL_COPY, how, keys);
  }

  private static CloneRequest keyed(CloneRequest plain, CloneRequest.Keys keys) {
    return new CloneRequest(
        plain.template(),
        plain.version(),
        plain.names(),
        plain.kind(),
        plain.size(),
        plain.directory(),
        plain.backingPath(),
        plain.personalisation(),
        plain.seed(),
        keys);
  }

  private static CloneRequest.Keys keys(MasterKeys master, String... passphrase) {
    return new CloneRequest.Keys(
        volume -> List.of(LuksGuest.secret(LuksGuest.SECRET)),
        master,
        List.of(passphrase).stream().findFirst().map(LuksGuest::secret));
  }

  /// The machine, its template and its clones.
  @ParameterizedTest
  @ValueSource(strings = {LuksGuest.QUICK_LUKS1, LuksGuest.QUICK_LUKS2})
  void templateIsEncryptedAnew(String type) throws IOException {
    Path disk = encrypted(type);
    Path part = directory.resolve("part.img");
    String machines = masterKey(LuksGuest.partition(disk, part), LuksGuest.SECRET);
    Templates.Created made =
        home.calco
            .templates()
            .create("t", request(disk, MasterKeys.RENEWED, "default"), JobContext.SILENT);
    assertThat(masterKey(LuksGuest.partition(disk, part), LuksGuest.SECRET)).isEqualTo(machines);
    EncryptedVolume volume = made.generalisation().encrypted().getFirst();
    assertThat(volume.reencryption().orElseThrow().keptSlots()).containsExactly(0);
    assertThat(made.generalisation().warnings().getFirst())
        .contains("share its master key and passphrases with each other, not with the machine");
    Path template = made.template().disk();
    String templates = masterKey(LuksGuest.partition(template, part), LuksGuest.SECRET);
    assertThat(templates).isNotEqualTo(machines);
    assertClean(template, LuksGuest.SECRET);

    home.make(
        keyed(TestHome.clones("t", Clone.Kind.LINKED, "web1"), keys(MasterKeys.KEPT, "its own")));
    home.make(
        keyed(TestHome.clones("t", Clone.Kind.FULL, "web2"), keys(MasterKeys.RENEWED, "other")));
    Path one = home.pool().resolve("web1.qcow2");
    Path two = home.pool().resolve("web2.raw");
    assertThat(cat(one, "/etc/hostname", "its own")).isEqualTo("web1\n");
    assertThat(cat(two, "/etc/hostname", "other")).isEqualTo("web2\n");
    assertThat(masterKey(LuksGuest.partition(one, part), "its own")).isEqualTo(templates);
    assertThat(masterKey(LuksGuest.partition(two, part), "other")).isNotEqualTo(templates);
    Oracle.named("cryptsetup").run("open", "--test-passphrase", "--key-file", key, part).exits(2);
    assertClean(one, "its own");
    assertClean(two, "other");
  }

  private void assertClean(Path disk, String secret) throws IOException {
    Path clear = LuksGuest.clear(disk, directory.resolve("clear.img"), secret);
    Oracle.named("e2fsck").run("-fn", clear).succeeds();
  }

  /// LVM in LUKS: the volume group's UUIDs change inside, and the key around it.
  @Test
  void volumeGroupInside() throws IOException {
    Path disk = LuksGuest.makeWithLvm(directory, home.disk, LuksGuest.QUICK_LUKS2);
    Path template =
        home.calco
            .templates()
            .create("t", request(disk, MasterKeys.RENEWED, "default"), JobContext.SILENT)
            .template()
            .disk();
    home.make(keyed(TestHome.clones("t", Clone.Kind.LINKED, "web1"), keys(MasterKeys.KEPT)));
    Path clone = home.pool().resolve("web1.qcow2");
    GuestFacts before = Inspection.of(disk, LuksGuest.opened(LuksGuest.SECRET)).guest();
    GuestFacts after = Inspection.of(clone, LuksGuest.opened(LuksGuest.SECRET)).guest();
    assertThat(after.volumes())
        .anyMatch(volume ->
            volume.device().equals(Optional.of("/dev/vg0/root"))
                && volume.mountPoint().equals(Optional.of("/")));
    assertThat(lvmUuids(after)).hasSize(2).doesNotContainAnyElementsOf(lvmUuids(before));
    assertThat(cat(clone, "/etc/hostname", LuksGuest.SECRET)).isEqualTo("web1\n");
    for (Path each : List.of(template, clone)) {
      Path clear = LuksGuest.clear(each, directory.resolve("clear.img"), LuksGuest.SECRET);
      Oracle.named("e2fsck").run("-fn", clear + "?offset=" + LuksGuest.FIRST_EXTENT).succeeds();
    }
  }

  private static List<String> lvmUuids(GuestFacts facts) {
    return facts.uniques().stream()
        .filter(unique -> unique.kind().equals("lvm-uuid"))
        .map(unique -> unique.value().orElseThrow())
        .toList();
  }

  @Test
  void keysAreSharedUnlessAsked() throws IOException {
    Path disk = encrypted(LuksGuest.QUICK_LUKS2);
    Templates.Created made =
        home.calco
            .templates()
            .create("t", request(disk, MasterKeys.KEPT, "default"), JobContext.SILENT);
    assertThat(made.generalisation().warnings().getFirst())
        .contains("with each other and with the machine it comes from");
    assertThatThrownBy(() -> home.make(TestHome.clones("t", Clone.Kind.LINKED, "web1")))
        .hasMessageContaining("it is encrypted");
    assertThat(home.calco.clones().list()).isEmpty();
  }

  @Test
  void uuidIsMended() throws IOException {
    Path disk = encrypted(LuksGuest.QUICK_LUKS2);
    String old = luksUuid(disk);
    Path crypttab =
        Files.writeString(
            directory.resolve("crypttab"),
            "luks-%s UUID=%s none luks,discard\n".formatted(old, old));
    GuestEdit.copyIn(
        List.of(crypttab),
        place(disk, "/etc/crypttab"),
        LuksGuest.opened(LuksGuest.SECRET),
        GuestEdit.Mode.MAKE,
        JobContext.SILENT);
    Path template =
        home.calco
            .templates()
            .create("t", request(disk, MasterKeys.KEPT, "luks-uuids,fs-uuids"), JobContext.SILENT)
            .template()
            .disk();
    String uuid = luksUuid(template);
    assertThat(uuid).isNotEqualTo(old);
    Path part = LuksGuest.partition(template, directory.resolve("part.img"));
    assertThat(Oracle.named("cryptsetup").run("luksUUID", part).succeeds().out().strip())
        .isEqualTo(uuid);
    assertThat(cat(template, "/etc/crypttab", LuksGuest.SECRET))
        .isEqualTo("luks-%s UUID=%s none luks,discard\n".formatted(uuid, uuid));
    assertClean(template, LuksGuest.SECRET);
  }

  private static String luksUuid(Path disk) throws IOException {
    return Inspection.of(disk, GuestOptions.of(LuksGuest.raw())).guest().uniques().stream()
        .filter(unique -> unique.kind().equals("luks-uuid"))
        .map(UniqueFact::value)
        .flatMap(Optional::stream)
        .findFirst()
        .orElseThrow();
  }
}
