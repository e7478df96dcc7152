package io.calco.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.store.backend.LocalDirectory;
import io.calco.testkit.Oracle;
import io.calco.testkit.Shared;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The specification, `docs/format/store.md`, against what is written.
class FormatTest {
  @TempDir private Path directory;

  @Test
  void vectorsOfTheSpecification() throws Exception {
    String text = Files.readString(Shared.repository().resolve("docs/format/store.md"));
    byte[] master = new byte[32];
    for (int i = 0; i < master.length; i++) {
      master[i] = (byte) i;
    }
    byte[] salt = new byte[32];
    Arrays.fill(salt, (byte) 0x7f);
    byte[] abc = "abc".getBytes(StandardCharsets.US_ASCII);
    StoreCipher plain = StoreCipher.plain();
    StoreCipher secret = StoreCipher.of(master);
    assertThat(text)
        .contains("| identity of data `abc`, not encrypted | `" + plain.identify(Kind.DATA, abc, 3))
        .contains("| identity of page `abc`, not encrypted | `" + plain.identify(Kind.PAGE, abc, 3))
        .contains("master key 00 01 … 1f | `" + secret.identify(Kind.DATA, abc, 3))
        .contains("of that master key | `" + HexFormat.of().formatHex(secret.keyCheck()))
        .contains("| root `web1`, not encrypted | `" + plain.disguise("web1"))
        .contains("| root `web1`, that master key | `" + secret.disguise("web1"))
        .contains("| its recovery key | `" + RecoveryKey.print(master) + "`");
    byte[] sealed =
        secret
            .seal("CALCOpk2".getBytes(StandardCharsets.US_ASCII), salt)
            .close(StoreCipher.TABLE, abc);
    String key = text.replaceAll("(?s).*salt of 32 bytes 7f \\| `([0-9a-f]{64})`.*", "$1");
    assertThat(new StoreCipher.Seal(HexFormat.of().parseHex(key)).open(StoreCipher.TABLE, sealed))
        .isEqualTo(abc);
    assertThat(RecoveryKey.parse(RecoveryKey.print(master))).isEqualTo(master);
  }

  @Test
  void aReaderByTheSpecificationAloneRestores() throws Exception {
    Oracle.named("zstd");
    byte[] blob = Stores.content(new Random(new SecureRandom().nextLong()), 300_001);
    Path sample = Shared.sample("dfvfs/ext2-a.qcow2");
    LocalDirectory backend = LocalDirectory.create(directory.resolve("store"));
    Store.create(backend, NewStore.plain().withChunkLength(64 << 10));
    try (Store store = Store.open(backend, StoreKey.none(), StoreOptions.defaults());
        Image image = Image.open(sample, ImageOptions.reading());
        Upload upload = store.beginUpload();
        InputStream in = new ByteArrayInputStream(blob)) {
      LinkedHashMap<String, ChunkId> parts = new LinkedHashMap<>();
      parts.put("disk", upload.addDisk(image.disk(), JobContext.SILENT));
      parts.put("blob", upload.addBlob(in, JobContext.SILENT));
      upload.commit("Máquina 1", parts, "{}");
    }
    Path reader = directory.resolve("read_store.py");
    try (InputStream script = FormatTest.class.getResourceAsStream("read_store.py")) {
      Files.copy(script, reader);
    }
    Path disk = directory.resolve("disk.raw");
    Path bytes = directory.resolve("blob");
    Oracle python = Oracle.named("python3");
    python.run(reader, backend.place(), "Máquina 1", "disk", disk).succeeds();
    python.run(reader, backend.place(), "Máquina 1", "blob", bytes).succeeds();
    assertThat(Files.readAllBytes(bytes)).isEqualTo(blob);
    Oracle.named("qemu-img")
        .run("compare", "-f", "raw", "-F", "qcow2", disk, sample)
        .succeeds()
        .says("identical");
  }
}
