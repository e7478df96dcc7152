package io.calco.fs.btrfs;

import java.io.IOException;

/// A tree of items in the order of their keys.
///
/// @param nodes where its blocks are read
/// @param root where it begins
record Tree(Nodes nodes, TreeRoot root) {

  /// At the first item whose key is not less.
  Cursor from(long objectid, int type, long offset) throws IOException {
    Cursor cursor = new Cursor(this);
    cursor.seek(objectid, type, offset);
    if (!cursor.is(objectid, type) || cursor.offset() != offset) {
      cursor.next();
    }
    return cursor;
  }

  /// At the last item whose key is not more.
  Cursor upTo(long objectid, int type, long offset) throws IOException {
    Cursor cursor = new Cursor(this);
    cursor.seek(objectid, type, offset);
    return cursor;
  }

  /// At the first item.
  Cursor all() throws IOException {
    return from(0, 0, 0);
  }
}
