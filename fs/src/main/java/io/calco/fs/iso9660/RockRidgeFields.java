package io.calco.fs.iso9660;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// Rock Ridge's fields (RRIP 1.09, in SUSP 1.10) of an image that is made.
final class RockRidgeFields {
  private static final byte[] REFERENCE =
      ("RRIP_1991A"
              + "THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM"
              + " SEMANTICS"
              + "PLEASE CONTACT DISC PUBLISHER FOR SPECIFICATION SOURCE.  SEE PUBLISHER"
              + " IDENTIFIER IN PRIMARY VOLUME DESCRIPTOR FOR CONTACT INFORMATION.")
          .getBytes(StandardCharsets.US_ASCII);
  private static final int ID_LENGTH = 10;
  private static final int DESCRIPTION_LENGTH = 84;
  private static final int PX = 36;
  private static final int TF = 26;
  private static final int MODIFIED_ACCESSED_CHANGED = 0x0E;

  private RockRidgeFields() {}

  /// Mode, time, and the name where it has one.
  static byte[] of(IsoNode node, Instant time) {
    byte[] name = node.name().getBytes(StandardCharsets.UTF_8);
    int nameField = name.length == 0 ? 0 : 5 + name.length;
    byte[] fields = new byte[PX + TF + nameField];
    putMode(fields, 0, node);
    putTimes(fields, PX, time);
    if (name.length > 0) {
      header(fields, PX + TF, "NM", nameField);
      System.arraycopy(name, 0, fields, PX + TF + 5, name.length);
    }
    return fields;
  }

  private static void header(byte[] fields, int at, String mark, int length) {
    fields[at] = (byte) mark.charAt(0);
    fields[at + 1] = (byte) mark.charAt(1);
    fields[at + 2] = (byte) length;
    fields[at + 3] = 1;
  }

  private static void putMode(byte[] fields, int at, IsoNode node) {
    header(fields, at, "PX", PX);
    IsoTree.putBoth32(fields, at + 4, node.isDirectory() ? 040555 : 0100444);
    long directories = node.children().stream().filter(IsoNode::isDirectory).count();
    IsoTree.putBoth32(fields, at + 12, node.isDirectory() ? 2 + (int) directories : 1);
  }

  private static void putTimes(byte[] fields, int at, Instant time) {
    header(fields, at, "TF", TF);
    fields[at + 4] = MODIFIED_ACCESSED_CHANGED;
    for (int i = 0; i < 3; i++) {
      IsoTree.putTime(fields, at + 5 + 7 * i, time);
    }
  }

  /// The root's first record: the protocol's mark, mode, time, and where [#reference] lies.
  static byte[] root(Instant time, int continuation) {
    byte[] fields = new byte[7 + PX + TF + 28];
    header(fields, 0, "SP", 7);
    fields[4] = (byte) 0xBE;
    fields[5] = (byte) 0xEF;
    putMode(fields, 7, IsoNode.root());
    putTimes(fields, 7 + PX, time);
    int at = 7 + PX + TF;
    header(fields, at, "CE", 28);
    IsoTree.putBoth32(fields, at + 4, continuation);
    IsoTree.putBoth32(fields, at + 20, 8 + REFERENCE.length);
    return fields;
  }

  /// The field that says which extension this is.
  static byte[] reference() {
    byte[] field = new byte[8 + REFERENCE.length];
    header(field, 0, "ER", field.length);
    field[4] = ID_LENGTH;
    field[5] = DESCRIPTION_LENGTH;
    field[6] = (byte) (REFERENCE.length - ID_LENGTH - DESCRIPTION_LENGTH);
    field[7] = 1;
    System.arraycopy(REFERENCE, 0, field, 8, REFERENCE.length);
    return field;
  }
}
