package io.calco.volume.lvm;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import java.util.Map;

/// The text of one version of a volume group's metadata.
///
/// @param name the group's
/// @param uuid the group's
/// @param seqno higher is newer
/// @param all the whole text
/// @param group the group's section of it
record GroupText(String name, LvmUuid uuid, long seqno, Section all, Section group) {

  static GroupText parse(byte[] text) throws CorruptImageException, LimitExceededException {
    return of(TextParser.parse(text));
  }

  private static GroupText of(Section all) throws CorruptImageException {
    String contents = all.text("contents");
    long version = all.number("version", Integer.MAX_VALUE);
    if (!contents.equals("Text Format Volume Group") || version != 1) {
      throw new CorruptImageException(
          "LVM2: metadata: found contents \"%s\", version %d, expected \"Text Format Volume Group\", 1"
              .formatted(PlainName.of(contents), version));
    }
    Map<String, Section> groups = all.sections();
    if (groups.size() != 1) {
      throw new CorruptImageException(
          "LVM2: metadata: found %d volume groups, expected one".formatted(groups.size()));
    }
    Map.Entry<String, Section> only = groups.entrySet().iterator().next();
    Section group = only.getValue();
    return new GroupText(
        PlainName.checked(only.getKey()),
        LvmUuid.parse(group.text("id"), group.pathOf("id")),
        group.number("seqno", Integer.MAX_VALUE),
        all,
        group);
  }
}
