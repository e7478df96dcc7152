package io.calco.server.web.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.catalog.Clone;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageFacts;
import io.calco.catalog.ImageOrigin;
import io.calco.catalog.ImageOrigin.Kind;
import io.calco.catalog.ImageOrigin.Verified;
import io.calco.catalog.ImageUse;
import io.calco.engine.images.ImageFamily;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ImageKinTest {
  private static ImageEntry image(int number) {
    return new ImageEntry(
        "%08d-0000-0000-0000-000000000000".formatted(number),
        "p",
        Status.QUEUED,
        ImageFacts.unknown().withName("debian:" + number),
        Optional.empty(),
        new TreeSet<>(),
        new TreeMap<>(),
        Instant.EPOCH,
        Instant.EPOCH);
  }

  private static ImageKin kin(Kind kind, String place, boolean hosts, int versions) {
    List<ImageFamily.Member> members =
        IntStream.range(0, versions)
            .mapToObj(i -> new ImageFamily.Member(image(i), i == 0, true, List.of()))
            .toList();
    ImageOrigin origin = new ImageOrigin(kind, place, "ana", Instant.EPOCH, Verified.NOTHING);
    return new ImageKin(
        image(versions / 2),
        Optional.of(origin),
        List.of(),
        hosts,
        new ImageFamily("debian", members));
  }

  @Test
  void aPathOfThisHostIsForItsPeople() {
    for (Kind kind : List.of(Kind.FILE, Kind.POOL)) {
      assertThat(kin(kind, "/srv/secret/vm.qcow2", false, 1).place()).isEqualTo("vm.qcow2");
      assertThat(kin(kind, "/srv/secret/vm.qcow2", true, 1).place())
          .isEqualTo("/srv/secret/vm.qcow2");
      assertThat(kin(kind, "/srv/secret/vm.qcow2", true, 1).shortPlace()).isEqualTo("vm.qcow2");
    }
    ImageKin web = kin(Kind.WEB, "https://cloud.debian.org/images/cloud/d.qcow2", false, 1);
    assertThat(web.place()).isEqualTo("https://cloud.debian.org/images/cloud/d.qcow2");
    assertThat(web.shortPlace()).isEqualTo("cloud.debian.org … d.qcow2");
    assertThat(kin(Kind.WEB, "https://example.org", false, 1).shortPlace())
        .isEqualTo("example.org");
    assertThat(kin(Kind.UPLOAD, "", false, 1).shortPlace()).isEmpty();
  }

  @Test
  void ofManyVersionsThoseAroundAreShown() {
    ImageKin many = kin(Kind.UPLOAD, "", false, 100);
    assertThat(many.versions()).hasSize(25).anyMatch(many::isThis);
    assertThat(many.otherVersions()).isEqualTo(75);
    ImageKin few = kin(Kind.UPLOAD, "", false, 3);
    assertThat(few.versions()).hasSize(3);
    assertThat(few.otherVersions()).isZero();
  }

  @Test
  void ofManyClonesTheFirstAreDrawn() {
    List<ImageUse.Made> clones =
        IntStream.range(0, 40)
            .mapToObj(i -> new ImageUse.Made("c" + i, Clone.Kind.LINKED))
            .toList();
    ImageUse use = new ImageUse("t", 1, clones);
    assertThat(ImageKin.drawn(use)).hasSize(12);
    assertThat(ImageKin.more(use)).isEqualTo(28);
    assertThat(ImageKin.kind(clones.getFirst())).isEqualTo("linked");
  }
}
