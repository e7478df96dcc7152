package io.calco.fs.squashfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileType;
import io.calco.fs.GuestNames;
import java.io.IOException;

/// An inode of any kind.
///
/// @param number its number
/// @param type its kind
/// @param permissions the low 12 mode bits
/// @param owner index in the table of owners
/// @param group index in the table of owners
/// @param modified seconds since 1970
/// @param links names that refer to it
/// @param size bytes of a file, of a directory's listing, of a link's target
/// @param start first byte of a file's content; of a directory's listing the block in its table
/// @param offset in the fragment or, of a directory, in the block
/// @param fragment of the file's end, -1 for none
/// @param attributes index in the table of attributes, -1 for none
/// @param target where a link points, else empty
/// @param reference where the inode lies
/// @param fixedBytes bytes before the list of a file's blocks
record Inode(
    long number,
    FileType type,
    int permissions,
    int owner,
    int group,
    long modified,
    int links,
    long size,
    long start,
    int offset,
    long fragment,
    long attributes,
    String target,
    long reference,
    int fixedBytes) {

  private static final int HEADER = 16;
  private static final int TARGET_MAX = 65_535; // the kernel's
  private static final long NONE = 0xFFFFFFFFL;
  private static final int EXTENDED = 7;

  /// Fields while they are read.
  private static final class Fields {
    private final Metadata.Reader in;
    private final byte[] header;
    private int links = 1;
    private long size;
    private long start;
    private int offset;
    private long fragment = NONE;
    private long attributes = NONE;
    private String target = "";
    private int fixedBytes;

    Fields(Metadata.Reader in) throws IOException {
      this.in = in;
      this.header = in.bytes(HEADER);
    }

    Inode of(FileType type, long reference) {
      return new Inode(
          LittleEndian.u32(header, 12),
          type,
          LittleEndian.u16(header, 2) & 07777,
          LittleEndian.u16(header, 4),
          LittleEndian.u16(header, 6),
          LittleEndian.u32(header, 8),
          links,
          size,
          start,
          offset,
          fragment == NONE ? -1 : fragment,
          attributes == NONE ? -1 : attributes,
          target,
          reference,
          fixedBytes);
    }

    void directory() throws IOException {
      start = in.u32();
      links = in.s32();
      size = in.u16();
      offset = in.u16();
    }

    void extendedDirectory() throws IOException {
      links = in.s32();
      size = in.u32();
      start = in.u32();
      in.u32(); // the parent
      in.u16(); // entries of the index, which only speeds up a search
      offset = in.u16();
      attributes = in.u32();
    }

    void file() throws IOException {
      start = in.u32();
      fragment = in.u32();
      offset = in.s32();
      size = in.u32();
      fixedBytes = HEADER + 16;
    }

    void extendedFile() throws IOException {
      start = in.s64();
      size = in.s64();
      in.s64(); // bytes in holes
      links = in.s32();
      fragment = in.u32();
      offset = in.s32();
      attributes = in.u32();
      fixedBytes = HEADER + 40;
    }

    void link(boolean extended) throws IOException {
      links = in.s32();
      size = in.u32();
      if (size > TARGET_MAX) {
        throw new LimitExceededException(
            "squashfs: a link of %d bytes, the limit is %d".formatted(size, TARGET_MAX));
      }
      target = GuestNames.decode(in.bytes((int) size));
      attributes = extended ? in.u32() : NONE;
    }

    void other(boolean device, boolean extended) throws IOException {
      links = in.s32();
      if (device) {
        in.u32(); // its number
      }
      attributes = extended ? in.u32() : NONE;
    }
  }

  static Inode read(Metadata metadata, Superblock superblock, long reference) throws IOException {
    Fields fields = new Fields(metadata.reader(superblock.inodeTable(), reference));
    int kind = LittleEndian.u16(fields.header, 0);
    FileType type = type(kind);
    boolean extended = kind > EXTENDED;
    switch (type) {
      case DIRECTORY -> {
        if (extended) {
          fields.extendedDirectory();
        } else {
          fields.directory();
        }
      }
      case REGULAR -> {
        if (extended) {
          fields.extendedFile();
        } else {
          fields.file();
        }
      }
      case SYMBOLIC_LINK -> fields.link(extended);
      case BLOCK_DEVICE, CHARACTER_DEVICE -> fields.other(true, extended);
      case FIFO, SOCKET -> fields.other(false, extended);
      case UNKNOWN ->
          throw CorruptImageException.at(
              "squashfs", "inode", reference >>> 16, "a type of " + kind, "one from 1 to 14");
    }
    Inode inode = fields.of(type, reference);
    if (inode.size < 0) {
      throw CorruptImageException.at(
          "squashfs", "inode " + inode.number, reference >>> 16, inode.size + " bytes", "some");
    }
    return inode;
  }

  /// The kind of a number in an inode, or in a directory.
  static FileType type(int kind) {
    return switch (kind > EXTENDED ? kind - EXTENDED : kind) {
      case 1 -> FileType.DIRECTORY;
      case 2 -> FileType.REGULAR;
      case 3 -> FileType.SYMBOLIC_LINK;
      case 4 -> FileType.BLOCK_DEVICE;
      case 5 -> FileType.CHARACTER_DEVICE;
      case 6 -> FileType.FIFO;
      case 7 -> FileType.SOCKET;
      default -> FileType.UNKNOWN;
    };
  }

  boolean isDirectory() {
    return type == FileType.DIRECTORY;
  }
}
