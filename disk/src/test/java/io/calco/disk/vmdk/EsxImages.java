package io.calco.disk.vmdk;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;

/// ESX's extents, made by hand from the specification (COWD) and from what QEMU reads (seSparse).
final class EsxImages {
  private EsxImages() {}

  /// What the guest sees of an extent that one of the makers made with this random source.
  static byte[] guest(int sectors, int grainSectors, Random random) {
    byte[] bytes = new byte[sectors * 512];
    for (int grain = 0; grain * grainSectors < sectors; grain++) {
      if (random.nextInt(3) > 0) {
        int from = grain * grainSectors * 512;
        int to = Math.min(from + grainSectors * 512, bytes.length);
        Arrays.fill(bytes, from, to, (byte) (grain % 250 + 1));
      }
    }
    return bytes;
  }

  /// A COWD extent with grains of a sector.
  static byte[] cowd(int sectors, Random random) {
    byte[] guest = guest(sectors, 1, random);
    int tables = Math.ceilDiv(sectors, 4096);
    int first = 4 + 1 + tables * 32;
    MemorySegment file = MemorySegment.ofArray(new byte[(first + sectors) * 512]);
    file.set(SparseLayout.U32, 0, 0x44574f43);
    file.set(SparseLayout.U32, 4, 1);
    file.set(SparseLayout.U32, 8, 3);
    file.set(SparseLayout.U32, 12, sectors);
    file.set(SparseLayout.U32, 16, 1);
    file.set(SparseLayout.U32, 20, 4);
    file.set(SparseLayout.U32, 24, tables);
    file.set(SparseLayout.U32, 28, first + sectors);
    file.set(SparseLayout.U32, 32, 1);
    file.set(SparseLayout.U32, 36, 16);
    file.set(SparseLayout.U32, 40, 63);
    for (int i = 0; i < tables; i++) {
      file.set(SparseLayout.U32, 4 * 512 + 4L * i, 5 + i * 32);
    }
    int next = first;
    for (int i = 0; i < sectors; i++) {
      if (guest[i * 512] != 0) {
        file.set(SparseLayout.U32, 5 * 512 + 4L * i, next);
        MemorySegment.copy(MemorySegment.ofArray(guest), i * 512L, file, next * 512L, 512);
        next++;
      }
    }
    return (byte[]) file.heapBase().orElseThrow();
  }

  /// A seSparse extent; `sectors` a multiple of 8.
  static byte[] seSparse(int sectors, Random random) {
    byte[] guest = guest(sectors, 8, random);
    int grains = sectors / 8;
    int tables = Math.ceilDiv(grains, 4096);
    int directory = 4;
    int firstTable = 8;
    int firstGrain = firstTable + tables * 64;
    MemorySegment file = MemorySegment.ofArray(new byte[(firstGrain + sectors + 8) * 512]);
    long[] header = {
      0xcafebabeL,
      0x200000001L,
      sectors,
      8,
      64,
      0,
      0,
      0,
      0,
      0,
      1,
      1,
      2,
      2,
      0,
      0,
      directory,
      1,
      firstTable,
      tables * 64L,
      0,
      0,
      0,
      0,
      firstGrain,
      sectors
    };
    for (int i = 0; i < header.length; i++) {
      file.set(SparseLayout.U64, 8L * i, header[i]);
    }
    file.set(SparseLayout.U64, 512, 0xcafecafeL);
    for (int i = 0; i < tables; i++) {
      file.set(SparseLayout.U64, directory * 512L + 8L * i, 0x1000000000000000L | i);
    }
    long next = 0;
    for (int i = 0; i < grains; i++) {
      long entry = i % 3 == 0 ? 0 : i % 3 == 1 ? 0x1000000000000000L : 0x2000000000000000L;
      if (guest[i * 4096] != 0) {
        entry = 0x3000000000000000L | (next & 0xFFF) << 48 | next >>> 12;
        MemorySegment.copy(
            MemorySegment.ofArray(guest), i * 4096L, file, firstGrain * 512L + next * 4096, 4096);
        next++;
      }
      file.set(SparseLayout.U64, firstTable * 512L + 8L * i, entry);
    }
    return (byte[]) file.heapBase().orElseThrow();
  }
}
