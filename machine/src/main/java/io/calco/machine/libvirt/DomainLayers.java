package io.calco.machine.libvirt;

import io.calco.machine.DiskLayer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.w3c.dom.Element;

/// The images of a disk, as libvirt describes a running machine. Stateless.
final class DomainLayers {
  private DomainLayers() {}

  /// The layers of a disk, the uppermost first, as the description of a running machine has them
  /// (`<source index='1'/>`, `<backingStore index='3'>`).
  static List<DiskLayer> of(Element disk) {
    String target = XmlText.attribute(disk, "target", "dev").orElse("");
    List<DiskLayer> layers = new ArrayList<>();
    Optional<String> format = XmlText.attribute(disk, "driver", "type");
    Optional<Element> source = XmlText.element(disk, "source");
    Optional<String> index = source.flatMap(one -> XmlText.attribute(one, "index"));
    Optional<Element> below = XmlText.element(disk, "backingStore");
    while (source.isPresent() && layers.size() < DiskLayer.LAYERS_MAX) {
      layers.add(layer(target, index, source.get(), format));
      source = below.flatMap(store -> XmlText.element(store, "source"));
      index = below.flatMap(store -> XmlText.attribute(store, "index"));
      format = below.flatMap(store -> XmlText.attribute(store, "format", "type"));
      below = below.flatMap(store -> XmlText.element(store, "backingStore"));
    }
    return layers;
  }

  private static DiskLayer layer(
      String target, Optional<String> index, Element source, Optional<String> format) {
    return new DiskLayer(
        index.map(number -> "%s[%s]".formatted(target, number)).orElse(target),
        Stream.of("file", "dev")
            .flatMap(name -> XmlText.attribute(source, name).stream())
            .findFirst()
            .map(Path::of),
        format,
        XmlText.attribute(source, "protocol"));
  }
}
