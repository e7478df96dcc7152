package io.calco.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Seeds;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RearrangedTest {
  private static final int PAGE = 512;

  /// Whatever is moved and written, an array with the same done to it holds the same.
  @Test
  void holdsWhatAnArrayWould() {
    Seeds.run(
        200,
        random -> {
          byte[] below = new byte[40 * PAGE + random.nextInt(PAGE)];
          random.nextBytes(below);
          byte[] original = below.clone();
          byte[] model = below.clone();
          Rearranged rearranged = new Rearranged(Disk.owning(new MemoryDriver(below)), 9);
          try (Disk disk = Disk.owning(rearranged)) {
            for (int i = 0; i < 60; i++) {
              if (random.nextBoolean()) {
                int length = 1 + random.nextInt(12);
                int from = random.nextInt(41 - length);
                int to = random.nextInt(41 - length);
                if (Math.abs(from - to) >= length) {
                  rearranged.move(from, to, length);
                  System.arraycopy(model, from * PAGE, model, to * PAGE, length * PAGE);
                }
              } else {
                byte[] bytes = new byte[random.nextInt(3 * PAGE)];
                random.nextBytes(bytes);
                int at = random.nextInt(model.length - bytes.length);
                disk.writeBytes(at, bytes);
                System.arraycopy(bytes, 0, model, at, bytes.length);
              }
            }
            assertThat(disk.readBytes(0, model.length)).isEqualTo(model);
            int at = random.nextInt(model.length);
            int length = random.nextInt(model.length - at);
            assertThat(disk.readBytes(at, length))
                .isEqualTo(Arrays.copyOfRange(model, at, at + length));
          }
          assertThat(below).isEqualTo(original);
        });
  }

  @Test
  void holesStayHolesWhereTheyAreMoved() throws IOException {
    Rearranged rearranged = new Rearranged(Disk.blank(100 * PAGE), 9);
    try (Disk disk = Disk.owning(rearranged)) {
      disk.writeBytes(10 * PAGE, new byte[] {1});
      rearranged.move(5, 50, 10);
      assertThat(disk.extentAt(0, 10 * PAGE).readsZero()).isTrue();
      assertThat(disk.extentAt(50 * PAGE, 5 * PAGE).readsZero()).isTrue();
      assertThat(disk.extentAt(55 * PAGE, PAGE))
          .isEqualTo(new Extent(55 * PAGE, PAGE, true, false));
      assertThat(disk.extentAt(56 * PAGE, 44 * PAGE).length()).isEqualTo(44 * PAGE);
    }
  }
}
