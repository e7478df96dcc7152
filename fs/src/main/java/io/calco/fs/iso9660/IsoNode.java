package io.calco.fs.iso9660;

import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A file or directory of an image that is made.
final class IsoNode {
  private final String name;
  private final @Nullable IsoNode parent;
  private final byte @Nullable [] content;
  private final TreeMap<String, IsoNode> children = new TreeMap<>();
  private String plainName = "";
  private int contentSector;

  /// @param content null for a directory
  IsoNode(String name, @Nullable IsoNode parent, byte @Nullable [] content) {
    this.name = name;
    this.parent = parent;
    this.content = content;
  }

  static IsoNode root() {
    return new IsoNode("", null, null);
  }

  String name() {
    return name;
  }

  /// The directory it is in; the root is in itself.
  IsoNode parent() {
    return parent == null ? this : parent;
  }

  boolean isDirectory() {
    return content == null;
  }

  byte[] content() {
    return content == null ? new byte[0] : content;
  }

  @Nullable IsoNode child(String of) {
    return children.get(of);
  }

  void add(IsoNode child) {
    children.put(child.name, child);
  }

  /// The directory of this name, made when there is none.
  ///
  /// @param path for messages
  IsoNode directory(String path, String of) throws FileAlreadyExistsException {
    IsoNode found = children.get(of);
    if (found == null) {
      found = new IsoNode(of, this, null);
      add(found);
    } else if (!found.isDirectory()) {
      throw new FileAlreadyExistsException(path);
    }
    return found;
  }

  List<IsoNode> children() {
    return new ArrayList<>(children.values());
  }

  List<IsoNode> sorted(IsoImage.NameForm form) {
    List<IsoNode> all = children();
    all.sort(form.order());
    return all;
  }

  /// The name in 8.3, with its version.
  String plainName() {
    return plainName;
  }

  int contentSector() {
    return contentSector;
  }

  void placeContent(int sector) {
    contentSector = sector;
  }

  /// Gives the children 8.3 names that differ.
  void nameChildren() {
    Set<String> taken = new HashSet<>();
    for (IsoNode child : children.values()) {
      int dot = child.isDirectory() ? -1 : child.name.lastIndexOf('.');
      String base = plain(dot < 0 ? child.name : child.name.substring(0, dot), 8);
      String extension = dot < 0 ? "" : plain(child.name.substring(dot + 1), 3);
      String tail = child.isDirectory() ? "" : "." + extension + ";1";
      String plain = (base.isEmpty() ? "_" : base) + tail;
      for (int i = 0; !taken.add(plain); i++) {
        String number = Integer.toString(i);
        plain = base.substring(0, Math.min(base.length(), 8 - number.length())) + number + tail;
      }
      child.plainName = plain;
    }
  }

  private static String plain(String text, int max) {
    String upper = text.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9_]", "_");
    return upper.substring(0, Math.min(max, upper.length()));
  }
}
