package io.calco.disk.vmdk;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.MemoryFile;
import io.calco.disk.OpenedFormat;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Images from a stranger that mean harm, each by one rule.
class RisksTest {
  private static byte[] image(String layout) throws IOException {
    MemoryFile file = new MemoryFile();
    CreateOptions options = new CreateOptions(1 << 20, Optional.empty(), Images.options(layout));
    new VmdkFormat().create(file, options, Companions.none());
    return file.toBytes();
  }

  private static List<String> risks(byte[] image, Companions beside) throws IOException {
    try (OpenedFormat open =
        new VmdkFormat().openOwning(new MemoryFile(image), Images.reading(beside))) {
      return open.risks();
    }
  }

  /// Replaces text in the descriptor, whose room is kept.
  private static byte[] edited(String from, String to) throws IOException {
    byte[] image = image("subformat=monolithicSparse");
    int room = 20 * 512;
    String text = new String(image, 512, room, StandardCharsets.ISO_8859_1);
    assertThat(text).contains(from);
    byte[] changed = text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(changed, 0, image, 512, Math.min(room, changed.length));
    return image;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"subformat=monolithicSparse", "subformat=streamOptimized", "zeroed_grain=on"})
  void anImageInOneFileIsSafe(String layout) throws IOException {
    assertThat(risks(image(layout), Companions.none())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\0',
      textBlock =
          """
          # Extent|# parentFileNameHint="/etc/passwd" Extent|says parentFileNameHint in more than one
          # Extent|# createType="monolithicFlat" Extent|says createType in more than one place
          # Extent|# CID=12345678 Extent|says CID in more than one place
          ddb.geometry.heads = "16"|otherFile = "/etc/passwd"|unknown entry in descriptor, "otherFile"
          ddb.geometry.heads = "16"|changeTrackPath="x-ctk.vmdk"|another file in its changeTrackPath
          SPARSE "|SPARSE "/dev/|names an extent in another place
          SPARSE "|SPARSE "C:\\disks\\|names an extent in another place
          RW 2048|RW 4096|descriptor says 4096 sectors, the header 2048
          parentCID=ffffffff|parentCID=00000001%nparentFileNameHint="/etc/passwd"|rests on another image
          """,
      delimiter = '|')
  void aDescriptorThatReachesOut(String from, String to, String risk) throws IOException {
    byte[] image = edited(from, to.replace("%n", "\n"));
    assertThat(risks(image, Companions.none())).anySatisfy(r -> assertThat(r).contains(risk));
  }

  @Test
  void aHeaderThatSaysNothing() throws IOException {
    byte[] image = edited("RW 2048", "RW 0");
    MemorySegment.ofArray(image).set(SparseLayout.U64, SparseLayout.CAPACITY, 0L);
    assertThat(risks(image, Companions.none()))
        .anySatisfy(r -> assertThat(r).contains("QEMU opens the files"));
  }

  @Test
  void aDescriptorElsewhere() throws IOException {
    byte[] image = image("subformat=monolithicSparse");
    byte[] longer = java.util.Arrays.copyOf(image, image.length + 20 * 512);
    System.arraycopy(image, 512, longer, image.length, 20 * 512);
    MemorySegment.ofArray(longer)
        .set(SparseLayout.U64, SparseLayout.DESCRIPTOR_OFFSET, image.length / 512L);
    assertThat(risks(longer, Companions.none()))
        .anySatisfy(r -> assertThat(r).contains("descriptor lies at sector"));
  }

  @Test
  void aStreamWithoutEnd() throws IOException {
    byte[] image = image("subformat=streamOptimized");
    image[image.length - 500] = 1;
    assertThat(risks(image, Companions.none()))
        .containsExactly("no end-of-stream marker follows the footer");
  }

  @Test
  void imagesOfSeveralFiles() throws IOException {
    String text =
        """
        # Disk DescriptorFile
        version=1
        CID=12345678
        parentCID=ffffffff
        createType="%s"
        RW 8 %s
        """;
    MemoryCompanions beside = new MemoryCompanions();
    beside.put("secret", new byte[4096]);
    assertThat(
            risks(
                text.formatted("monolithicFlat", "FLAT \"secret\" 0")
                    .getBytes(StandardCharsets.US_ASCII),
                beside))
        .containsExactly(
            "createType is \"monolithicFlat\": is not an image in one file",
            "descriptor names another file, \"secret\"");
    assertThat(risks(text.formatted("custom", "ZERO").getBytes(StandardCharsets.US_ASCII), beside))
        .isNotEmpty();
    assertThat(risks(EsxImages.cowd(100, new Random(1)), beside))
        .anySatisfy(r -> assertThat(r).contains("vmfsSparse"));
  }
}
