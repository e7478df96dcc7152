package io.calco.guest.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.UnsupportedFeatureException;
import io.calco.guest.Content;
import io.calco.guest.GuestTree;
import io.calco.guest.MemoryFileSystem;
import io.calco.guest.WindowsGuest;
import io.calco.guest.generalise.GeneraliseOptions;
import io.calco.guest.generalise.Generaliser;
import io.calco.guest.inspect.WindowsFacts.Driver;
import io.calco.guest.inspect.WindowsFacts.Start;
import io.calco.guest.windows.AnswerFile;
import java.io.ByteArrayInputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

final class WindowsInspectionTest {
  private static GuestTree tree(MemoryFileSystem fs) throws Exception {
    return GuestTree.assemble(List.of(fs.volume(1))).orElseThrow();
  }

  @Test
  void factsComeFromTheHives() throws Exception {
    GuestTree tree = tree(WindowsGuest.make("IMAGE_STATE_COMPLETE"));
    List<String> warnings = new ArrayList<>();
    WindowsFacts facts = WindowsInspection.of(tree, warnings);
    assertThat(tree.isWindows()).isTrue();
    assertThat(facts.product()).contains("Windows 11 Pro");
    assertThat(facts.version()).contains("10.0");
    assertThat(facts.build()).contains("26100.1742");
    assertThat(facts.displayVersion()).contains("24H2");
    assertThat(facts.architecture()).contains("x86_64");
    assertThat(facts.computerName()).contains("AULA-07");
    assertThat(facts.machineSid()).contains("S-1-5-21-111-222-4294967295");
    assertThat(facts.timeZone()).contains("Romance Standard Time");
    assertThat(facts.lastShutdown()).contains(Instant.parse("2026-05-06T07:08:09Z"));
    assertThat(facts.sysprep().generalised()).isFalse();
    assertThat(facts.sysprep().generalizationState()).contains(7);
    assertThat(facts.sysprep().cloneTag()).contains("Wed May 06 07:00:00 2026");
    assertThat(facts.cloudbaseInit()).isTrue();
    assertThat(facts.drivers())
        .containsExactly(new Driver("viostor", Start.BOOT), new Driver("netkvm", Start.ON_DEMAND));
    assertThat(facts.staticAddresses()).containsExactly("192.0.2.7");
    assertThat(facts.users()).containsExactly("Administrator", "ana");
    assertThat(warnings).isEmpty();
  }

  @Test
  void hivesThatCannotBeReadCostTheirFactsOnly() throws Exception {
    MemoryFileSystem fs =
        WindowsGuest.make("IMAGE_STATE_COMPLETE")
            .file("/WINDOWS/system32/Config/SYSTEM", "no hive".repeat(200));
    List<String> warnings = new ArrayList<>();
    WindowsFacts facts = WindowsInspection.of(tree(fs), warnings);
    assertThat(facts.product()).contains("Windows 11 Pro");
    assertThat(facts.computerName()).isEmpty();
    assertThat(warnings).singleElement().asString().contains("SYSTEM").contains("signature");
  }

  @Test
  void onlyWhatSysprepGeneralisedBecomesATemplate() throws Exception {
    GuestTree used = tree(WindowsGuest.make("IMAGE_STATE_COMPLETE"));
    assertThatThrownBy(() -> Generaliser.plan(used, GeneraliseOptions.defaults()))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("IMAGE_STATE_COMPLETE")
        .hasMessageContaining("sysprep /generalize");
    GuestTree sealed = tree(WindowsGuest.make("IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"));
    assertThat(Generaliser.plan(sealed, GeneraliseOptions.defaults()).operations())
        .isNotEmpty()
        .allMatch(operation -> operation.changes().isEmpty());
  }

  @Test
  void anAnswerFileHoldsWhatItIsGivenWhateverItIs() throws Exception {
    AnswerFile answer =
        new AnswerFile(
            "amd64",
            "AULA-08",
            Optional.empty(),
            Optional.of("es-ES"),
            Optional.of("Romance Standard Time"),
            Optional.of(Content.of("a<b>&\"ñ")),
            Optional.of(new AnswerFile.DomainJoin("d.example", "joiner", Content.of("]]>&x"))),
            List.of("cmd /c echo \"a\" > c:\\x & dir"));
    var document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(answer.xml().bytes()));
    assertThat(document.getElementsByTagName("ComputerName").item(0).getTextContent())
        .isEqualTo("AULA-08");
    assertThat(document.getElementsByTagName("Password").item(0).getTextContent())
        .isEqualTo("]]>&x");
    assertThat(document.getElementsByTagName("CommandLine").item(0).getTextContent())
        .isEqualTo("cmd /c echo \"a\" > c:\\x & dir");
    assertThat(answer.toString()).doesNotContain("]]>");
    assertThatThrownBy(() -> AnswerFile.named("amd64", "12345"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> AnswerFile.named("amd64", "a-name-of-sixteen"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
