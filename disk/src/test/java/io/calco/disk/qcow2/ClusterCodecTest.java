package io.calco.disk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What one code packs, the other unpacks: native and Java, deflate and zstd.
class ClusterCodecTest {
  static Stream<Arguments> pairs() {
    ClusterCodec[] deflate = {new DeflateCodec(false), DeflateCodec.INSTANCE};
    ClusterCodec[] zstd = {new ZstdCodec(false), ZstdCodec.INSTANCE};
    return Stream.of(deflate, zstd)
        .flatMap(codecs ->
            Stream.of(codecs).flatMap(a -> Stream.of(codecs).map(b -> Arguments.of(a, b))));
  }

  private static byte[] cluster(int length) {
    Random random = new Random(length);
    byte[] cluster = new byte[length];
    for (int i = 0; i < length; i++) {
      cluster[i] = (byte) (random.nextInt(10) == 0 ? random.nextInt() : i / 100);
    }
    return cluster;
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void unpackWhatTheOtherPacked(ClusterCodec one, ClusterCodec other) throws IOException {
    for (int length : new int[] {512, 65536, 2 << 20}) {
      byte[] plain = cluster(length);
      MemorySegment packed = one.pack(MemorySegment.ofArray(plain)).orElseThrow();
      assertThat(packed.byteSize()).isLessThan(length);
      byte[] sectors = Arrays.copyOf(packed.toArray(Qcow2Layout.U8), (int) packed.byteSize() + 511);
      Arrays.fill(sectors, (int) packed.byteSize(), sectors.length, (byte) 0x5a);
      byte[] back = new byte[length];
      other.unpack(MemorySegment.ofArray(sectors), MemorySegment.ofArray(back));
      assertThat(Arrays.mismatch(back, plain)).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void refuseWhatIsNoPackedData(ClusterCodec one, ClusterCodec other) {
    MemorySegment packed = one.pack(MemorySegment.ofArray(cluster(65536))).orElseThrow();
    MemorySegment cut = packed.asSlice(0, packed.byteSize() / 2);
    MemorySegment back = MemorySegment.ofArray(new byte[65536]);
    assertThatThrownBy(() -> other.unpack(cut, back)).isInstanceOf(IOException.class);
    byte[] noise = new byte[3000];
    new Random(7).nextBytes(noise);
    assertThatThrownBy(() -> other.unpack(MemorySegment.ofArray(noise), back))
        .isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void leaveAloneWhatDoesNotShrink(ClusterCodec one, ClusterCodec other) {
    byte[] noise = new byte[4096];
    new Random(3).nextBytes(noise);
    assertThat(one.pack(MemorySegment.ofArray(noise))).isEmpty();
    assertThat(other.pack(MemorySegment.ofArray(noise))).isEmpty();
  }
}
