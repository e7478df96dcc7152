package io.calco.engine.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageMember;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ImagePatch.Change;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ImageServiceTest extends WithImageService {
  @Test
  void whatSomebodyMayNotSeeDoesNotExist() throws IOException {
    ImageEntry own = add(ANA, "private");
    ImageEntry shared = add(ANA, "shared");
    ImageEntry community = add(ANA, "community");
    for (Caller caller : List.of(ADMIN, ANA, LEA)) {
      assertThat(service.images().get(caller, own.id())).isEqualTo(own);
    }
    for (ImageEntry hidden : List.of(own, shared)) {
      assertRefused(Kind.NOT_FOUND, () -> service.images().get(BEA, hidden.id()));
      assertRefused(Kind.NOT_FOUND, () -> service.images().delete(BEA, hidden.id()));
      assertRefused(Kind.NOT_FOUND, () -> patch(BEA, hidden, new Change.Add("a", "b")));
    }
    assertRefused(Kind.NOT_FOUND, () -> service.images().get(NOBODY, own.id()));
    assertThat(service.images().get(BEA, community.id())).isEqualTo(community);
    assertRefused(Kind.DENIED, () -> service.images().delete(BEA, community.id()));
    assertRefused(Kind.DENIED, () -> service.images().delete(LEA, own.id()));
    assertRefused(Kind.DENIED, () -> add(LEA, "private"));
    assertRefused(Kind.DENIED, () -> add(ANA, "public"));
    ImageEntry open = add(ADMIN, "public");
    assertRefused(Kind.DENIED, () -> patch(ANA, open, new Change.Add("a", "b")));
    assertRefused(
        Kind.DENIED, () -> service.images().add(ANA, Optional.empty(), Map.of("owner", "pb")));
  }

  @Test
  void sharesByOfferAndAcceptance() throws IOException {
    ImageEntry image = add(ANA, "shared");
    ImageSharing sharing = service.sharing();
    sharing.add(ANA, image.id(), "pb");
    assertThat(service.images().get(BEA, image.id())).isEqualTo(image);
    assertRefused(Kind.REFUSED, () -> sharing.add(ANA, image.id(), "pb"));
    assertRefused(Kind.DENIED, () -> sharing.add(BEA, image.id(), "pc"));
    assertRefused(
        Kind.DENIED, () -> sharing.update(ANA, image.id(), "pb", ImageMember.Status.ACCEPTED));
    assertThat(sharing.update(BEA, image.id(), "pb", ImageMember.Status.ACCEPTED).status())
        .isEqualTo(ImageMember.Status.ACCEPTED);
    sharing.add(ANA, image.id(), "pc");
    assertRefused(Kind.LIMIT, () -> sharing.add(ANA, image.id(), "pd"));
    assertThat(sharing.list(ANA, image.id())).hasSize(2);
    assertThat(sharing.list(BEA, image.id())).extracting(ImageMember::member).containsExactly("pb");
    assertRefused(Kind.NOT_FOUND, () -> sharing.get(BEA, image.id(), "pc"));
    assertRefused(Kind.DENIED, () -> sharing.delete(BEA, image.id(), "pb"));
    sharing.delete(ANA, image.id(), "pb");
    assertRefused(Kind.NOT_FOUND, () -> service.images().get(BEA, image.id()));
    ImageEntry secret = add(ANA, "private");
    assertRefused(Kind.DENIED, () -> sharing.add(ANA, secret.id(), "pb"));
  }

  @Test
  void changesAllOrNothing() throws IOException {
    ImageEntry image = add(ANA, "private");
    ImageEntry changed =
        patch(
            ANA,
            image,
            new Change.Replace("name", "y"),
            new Change.Add("min_disk", 7),
            new Change.Add("a", "1"),
            new Change.Add("b/c~", "2"),
            new Change.Remove("a"),
            new Change.Add("tags", List.of("t", "t", "u")));
    assertThat(changed.facts().name()).isEqualTo("y");
    assertThat(changed.facts().minDisk()).isEqualTo(7);
    assertThat(changed.properties()).containsOnly(Map.entry("b/c~", "2"));
    assertThat(changed.tags()).containsExactly("t", "u");
    Map<Kind, List<Change>> refused =
        Map.of(
            Kind.DENIED,
            List.of(
                new Change.Add("status", "active"),
                new Change.Remove("name"),
                new Change.Add("os_glance_x", "1"),
                new Change.Replace("id", "1"),
                new Change.Replace("owner", "pb"),
                new Change.Replace("visibility", "public"),
                new Change.Add("locations", List.of())),
            Kind.REFUSED,
            List.of(
                new Change.Remove("none"),
                new Change.Replace("none", "1"),
                new Change.AddNew("b/c~", "1")),
            Kind.USAGE,
            List.of(
                new Change.Add("min_disk", -1),
                new Change.Add("min_ram", 1L << 31),
                new Change.Add("min_ram", 1.5),
                new Change.Add("protected", "yes"),
                new Change.Add("disk_format", "exe"),
                new Change.Add("visibility", "all"),
                new Change.Add("x", 5),
                new Change.Add("x".repeat(256), "1"),
                new Change.Add("name", "x".repeat(256))),
            Kind.LIMIT,
            List.of(new Change.Add("tags", List.of("1", "2", "3", "4"))));
    refused.forEach((kind, changes) ->
        changes.forEach(change ->
            assertRefused(kind, () -> patch(ANA, image, new Change.Add("new", "1"), change))));
    assertThat(service.images().get(ANA, image.id())).isEqualTo(changed);
  }

  @Test
  void takesContentInOnePass() throws Exception {
    Random random = new Random(1);
    for (int size : new int[] {0, 1, (256 << 10) - 1, 256 << 10, (1 << 20) + 17, 3 << 20}) {
      byte[] bytes = new byte[size];
      random.nextBytes(bytes);
      ImageEntry image = add(ANA, "private");
      ImageEntry active = upload(image, bytes);
      assertThat(active.status()).isEqualTo(Status.ACTIVE);
      var data = active.data().orElseThrow();
      assertThat(data.size()).isEqualTo(size);
      assertThat(contents.blobs.get(data.blob())).isEqualTo(bytes);
      assertThat(data.md5()).isEqualTo(hex("MD5", bytes));
      assertThat(data.sha256()).isEqualTo(hex("SHA-256", bytes));
      assertThat(data.sha512()).isEqualTo(hex("SHA-512", bytes));
      assertRefused(Kind.REFUSED, () -> upload(image, bytes));
      assertRefused(
          Kind.DENIED, () -> patch(ANA, active, new Change.Replace("disk_format", "qcow2")));
      service.images().delete(ANA, image.id());
    }
    assertThat(contents.blobs).isEmpty();
  }

  private static String hex(String algorithm, byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
  }

  @Test
  void keepsNothingOfAFailedUpload() throws IOException {
    ImageEntry image = add(ANA, "private");
    InputStream broken =
        new InputStream() {
          private int left = 700_000;

          @Override
          public int read() throws IOException {
            return read(new byte[1], 0, 1);
          }

          @Override
          public int read(byte[] bytes, int offset, int length) throws IOException {
            if (left <= 0) {
              throw new IOException("the line went dead");
            }
            int part = Math.min(length, left);
            left -= part;
            return part;
          }
        };
    assertThatThrownBy(
            () -> service.transfers().upload(ANA, image.id(), broken, OptionalLong.empty()))
        .hasMessage("the line went dead");
    assertRefused(Kind.LIMIT, () -> upload(image, new byte[(5 << 20) + 1]));
    assertRefused(
        Kind.USAGE,
        () ->
            service
                .transfers()
                .upload(
                    ANA, image.id(), new ByteArrayInputStream(new byte[9]), OptionalLong.of(10)));
    assertRefused(
        Kind.DENIED,
        () ->
            service
                .transfers()
                .upload(
                    LEA, image.id(), new ByteArrayInputStream(new byte[9]), OptionalLong.empty()));
    assertThat(contents.blobs).isEmpty();
    assertThat(service.images().get(ANA, image.id()).status()).isEqualTo(Status.QUEUED);
    upload(image, new byte[5 << 20]);
    assertRefused(Kind.LIMIT, () -> upload(add(ANA, "private"), new byte[4 << 20]));
  }

  @Test
  void refusesContentThatIsDangerousOrSomethingElse() throws IOException {
    ImageEntry raw = add(ANA, "private");
    assertRefused(Kind.CORRUPT, () -> upload(raw, qcow2()))
        .hasMessageContaining("is qcow2, not raw as declared");
    ImageEntry declared = patch(ANA, raw, new Change.Replace("disk_format", "qcow2"));
    assertRefused(Kind.CORRUPT, () -> upload(declared, qcow2("/etc/passwd")))
        .hasMessageContaining("rests on another image");
    assertRefused(Kind.CORRUPT, () -> upload(declared, new byte[1000]));
    assertThat(contents.blobs).isEmpty();
    try (ImageService lenient = service(ContentCheck.KNOWN)) {
      assertRefused(
          Kind.CORRUPT,
          () ->
              lenient
                  .transfers()
                  .upload(
                      ANA,
                      raw.id(),
                      new ByteArrayInputStream(qcow2("/etc/passwd")),
                      OptionalLong.empty()));
      lenient
          .transfers()
          .upload(ANA, raw.id(), new ByteArrayInputStream(new byte[1000]), OptionalLong.empty());
    }
    ImageEntry next = patch(ANA, add(ANA, "private"), new Change.Replace("disk_format", "qcow2"));
    assertThat(upload(next, qcow2()).data().orElseThrow().virtualSize())
        .isEqualTo(OptionalLong.of(1 << 20));
  }

  @Test
  void deactivatesForAllButAdmins() throws IOException {
    ImageEntry image = add(ANA, "private");
    assertRefused(Kind.DENIED, () -> service.images().deactivate(ANA, image.id()));
    assertThat(service.transfers().open(ANA, image.id())).isEmpty();
    upload(image, new byte[10]);
    assertRefused(Kind.DENIED, () -> service.transfers().open(LEA, image.id()));
    service.images().deactivate(ANA, image.id());
    service.images().deactivate(ANA, image.id());
    assertRefused(Kind.DENIED, () -> service.transfers().open(ANA, image.id()));
    assertThat(service.transfers().open(ADMIN, image.id())).isPresent();
    service.images().reactivate(ANA, image.id());
    assertThat(service.transfers().open(ANA, image.id())).isPresent();
    patch(ANA, image, new Change.Replace("protected", true));
    assertRefused(Kind.DENIED, () -> service.images().delete(ANA, image.id()));
  }

  @Test
  void putsRightWhatAKilledServerLeft() throws Exception {
    ImageEntry saving = add(ANA, "private");
    catalog.images().update(saving.id(), image -> image.with(Status.SAVING));
    ImageEntry importing = add(ANA, "private");
    service
        .transfers()
        .stage(ANA, importing.id(), new ByteArrayInputStream(new byte[9]), OptionalLong.empty());
    catalog.images().update(importing.id(), image -> image.with(Status.IMPORTING));
    ImageEntry staged = add(ANA, "private");
    service
        .transfers()
        .stage(ANA, staged.id(), new ByteArrayInputStream(new byte[9]), OptionalLong.empty());
    service(ContentCheck.DECLARED).close();
    for (ImageEntry image : List.of(saving, importing)) {
      ImageEntry now = service.images().get(ANA, image.id());
      assertThat(now.status()).isEqualTo(Status.QUEUED);
      assertThat(now.data()).isEmpty();
    }
    assertThat(service.images().get(ANA, staged.id()).status()).isEqualTo(Status.UPLOADING);
    assertThat(contents.blobs).hasSize(1);
  }
}
