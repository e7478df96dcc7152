package io.calco.engine.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageInspection;
import io.calco.catalog.ImageInspection.BootMode;
import io.calco.engine.DemoDisk;
import io.calco.engine.OperationException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageInspectionsTest {
  @TempDir Path dir;

  @Test
  void whatIsInAnImageIsFoundOnceAndKept() throws IOException {
    Path disk = dir.resolve("demo.qcow2");
    DemoDisk.unpack(disk);
    ImageInspection found;
    ImageEntry image;
    try (Shelf shelf = new Shelf(dir)) {
      image = shelf.upload("debian:12", "qcow2", disk);
      shelf.service.inspections().await();
      found = shelf.service.inspections().find(Shelf.ANA, image.id()).orElseThrow();
      assertThat(found.problem()).isEmpty();
      assertThat(found.format()).isEqualTo("qcow2");
      assertThat(found.partitionTable()).isEqualTo("gpt");
      assertThat(found.bootMode()).isEqualTo(BootMode.UEFI);
      assertThat(found.system().kind()).isEqualTo("linux");
      assertThat(found.system().id()).isEqualTo("debian");
      assertThat(found.volumes())
          .extracting(ImageInspection.Volume::content)
          .containsExactly("", "", "ext4");
      assertThat(found.volumes().getLast().mountPoint()).isEqualTo("/");
      assertThat(found.volumes().getLast().used().orElseThrow()).isPositive();
      assertThatThrownBy(() -> shelf.service.inspections().find(Shelf.BEA, image.id()))
          .isInstanceOf(OperationException.class);
    }
    try (Shelf shelf = new Shelf(dir)) {
      assertThat(shelf.service.inspections().of(List.of(image))).containsEntry(image.id(), found);
      shelf.service.images().delete(Shelf.ANA, image.id());
      assertThat(shelf.service.inspections().of(List.of(image))).isEmpty();
    }
  }

  @Test
  void whatCannotBeReadIsAFactAndNoFailure() throws IOException {
    try (Shelf shelf = new Shelf(dir)) {
      ImageEntry empty = shelf.upload("empty", "raw", new byte[1 << 20]);
      ImageEntry kernel = shelf.upload("kernel", "aki", new byte[] {1, 2, 3});
      shelf.service.inspections().await();
      ImageInspection nothing =
          shelf.service.inspections().find(Shelf.ANA, empty.id()).orElseThrow();
      assertThat(nothing.system()).isEqualTo(ImageInspection.OperatingSystem.NONE);
      assertThat(nothing.bootMode()).isEqualTo(BootMode.NONE);
      assertThat(shelf.service.inspections().find(Shelf.ANA, kernel.id()).orElseThrow().volumes())
          .isEmpty();
      assertThat(shelf.service.inspections().inspect(Shelf.ANA, empty.id()).volumes())
          .isEqualTo(nothing.volumes());
    }
  }
}
