package io.calco.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Seeds;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChunkIndexTest {
  @Test
  void findsAllThatBeginAlike() {
    Seeds.run(
        10,
        random -> {
          ChunkIndex index = new ChunkIndex();
          Map<Long, Set<Long>> model = new HashMap<>();
          for (int i = 0; i < 20_000; i++) {
            // Half of them share 500 prefixes.
            long prefix =
                random.nextBoolean()
                    ? random.nextLong()
                    : random.nextInt(500) * 0x9e3779b97f4a7c15L;
            int pack = 1 + random.nextInt(1_000_000);
            int slot = random.nextInt(PackTable.ENTRIES_MAX);
            index.add(prefix, pack, slot);
            model.computeIfAbsent(prefix, p -> new HashSet<>()).add(ChunkIndex.at(pack, slot));
          }
          for (Map.Entry<Long, Set<Long>> entry : model.entrySet()) {
            Set<Long> found = new HashSet<>();
            for (long at : index.find(entry.getKey())) {
              found.add(at);
              assertThat(ChunkIndex.at(ChunkIndex.pack(at), ChunkIndex.slot(at))).isEqualTo(at);
            }
            assertThat(found).isEqualTo(entry.getValue());
          }
          assertThat(index.find(1L << 32)).isEmpty();
        });
  }
}
