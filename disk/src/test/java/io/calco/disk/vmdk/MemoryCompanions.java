package io.calco.disk.vmdk;

import io.calco.disk.Companions;
import io.calco.disk.HostFile;
import io.calco.disk.MemoryFile;
import io.calco.disk.OpenDeniedException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Files beside each other in memory.
final class MemoryCompanions implements Companions {
  private final Map<String, MemoryFile> files = new LinkedHashMap<>();

  MemoryFile put(String name, byte[] content) {
    MemoryFile file = new MemoryFile(content);
    files.put(name, file);
    return file;
  }

  @Override
  public String imageName() {
    return "disk.vmdk";
  }

  @Override
  public HostFile open(String kind, String reference, Access access) throws OpenDeniedException {
    MemoryFile file = files.get(reference);
    if (file == null) {
      throw new OpenDeniedException("no file \"%s\"".formatted(Descriptor.printable(reference)));
    }
    return file;
  }

  @Override
  public HostFile create(String name) {
    return put(name, new byte[0]);
  }

  @Override
  public List<String> neighbours() {
    return new ArrayList<>(files.keySet());
  }
}
