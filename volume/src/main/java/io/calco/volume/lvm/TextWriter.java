package io.calco.volume.lvm;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/// Writes the text that LVM2 keeps a volume group in, as [TextParser] reads it.
final class TextWriter {
  private final StringBuilder out = new StringBuilder();

  private TextWriter() {}

  /// The text's bytes, ending in a zero byte, which LVM2 counts too.
  static byte[] write(Section all) {
    TextWriter writer = new TextWriter();
    writer.nodes(all);
    return writer.out.append('\0').toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private void nodes(Section section) {
    for (Map.Entry<String, ConfigNode> entry : section.nodes().entrySet()) {
      out.append(entry.getKey());
      switch (entry.getValue()) {
        case Section inner -> {
          out.append(" {\n");
          nodes(inner);
          out.append("}\n");
        }
        case ConfigNode.Value value -> {
          out.append(" = ");
          value(value);
          out.append('\n');
        }
      }
    }
  }

  private void value(ConfigNode.Value value) {
    switch (value) {
      case ConfigNode.Text(String text) ->
          out.append('"').append(text.replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
      case ConfigNode.Digits(String digits) -> out.append(digits);
      case ConfigNode.Values(var values) -> {
        out.append('[');
        for (int i = 0; i < values.size(); i++) {
          out.append(i == 0 ? "" : ", ");
          value(values.get(i));
        }
        out.append(']');
      }
    }
  }
}
