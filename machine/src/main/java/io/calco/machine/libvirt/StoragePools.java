package io.calco.machine.libvirt;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/// The pools of disks of a libvirt, and what lies in them. Safe for several threads.
public final class StoragePools {
  private static final int ACTIVE = 2;

  private final Wire wire;

  StoragePools(Wire wire) {
    this.wire = wire;
  }

  /// Those that are in use (`virsh pool-list`).
  public List<StoragePool> active() throws IOException {
    return wire.call(Procedure.CONNECT_LIST_ALL_STORAGE_POOLS, new XdrWriter().put(1).put(ACTIVE))
        .readList(XdrReader.LIST_MAX, StoragePool::read);
  }

  /// The one of that name.
  ///
  /// @throws LibvirtException when there is none
  public StoragePool get(String name) throws IOException {
    return StoragePool.read(
        wire.call(Procedure.STORAGE_POOL_LOOKUP_BY_NAME, new XdrWriter().put(name)));
  }

  /// The one that a directory is, when it is one.
  public Optional<StoragePool> find(Path directory) throws IOException {
    return found(() ->
        StoragePool.read(
            wire.call(
                Procedure.STORAGE_POOL_LOOKUP_BY_TARGET_PATH,
                new XdrWriter().put(directory.toString()))));
  }

  /// Has libvirt look at what lies in it.
  public void refresh(StoragePool pool) throws IOException {
    wire.call(Procedure.STORAGE_POOL_REFRESH, pool.arguments().put(0));
  }

  /// Its description.
  public String xml(StoragePool pool) throws IOException {
    return wire.call(Procedure.STORAGE_POOL_GET_XML_DESC, pool.arguments().put(0)).readString();
  }

  /// What lies in it, as of the last look.
  public List<StorageVolume> volumes(StoragePool pool) throws IOException {
    return wire.call(Procedure.STORAGE_POOL_LIST_ALL_VOLUMES, pool.arguments().put(1).put(0))
        .readList(XdrReader.LIST_MAX, StorageVolume::read);
  }

  /// The volume that a file is, when a pool has it.
  public Optional<StorageVolume> findVolume(Path file) throws IOException {
    return found(() ->
        StorageVolume.read(
            wire.call(Procedure.STORAGE_VOL_LOOKUP_BY_PATH, new XdrWriter().put(file.toString()))));
  }

  /// Where a volume lies.
  public Path path(StorageVolume volume) throws IOException {
    return Path.of(wire.call(Procedure.STORAGE_VOL_GET_PATH, volume.arguments()).readString());
  }

  /// What a volume rests on, when it does on anything.
  public Optional<Path> backing(StorageVolume volume) throws IOException {
    Document document =
        XmlText.parse(
            wire.call(Procedure.STORAGE_VOL_GET_XML_DESC, volume.arguments().put(0)).readString());
    return XmlText.element(document.getDocumentElement(), "backingStore")
        .flatMap(backing -> XmlText.text(backing, "path"))
        .filter(path -> !path.isEmpty())
        .map(Path::of);
  }

  /// A volume to be made.
  ///
  /// @param format such as `qcow2`
  /// @param capacity bytes that a guest sees
  /// @param backing what it rests on
  public record NewVolume(String name, String format, long capacity, Optional<Backing> backing) {}

  /// What a volume rests on.
  ///
  /// @param format of that file, stated: it is never guessed
  public record Backing(Path path, String format) {}

  /// Makes a volume (`virsh vol-create-as`).
  public StorageVolume create(StoragePool pool, NewVolume volume) throws IOException {
    Document document = XmlText.parse("<volume/>");
    Element root = document.getDocumentElement();
    XmlText.add(root, "name").setTextContent(volume.name());
    XmlText.add(root, "capacity", "unit", "bytes").setTextContent(Long.toString(volume.capacity()));
    XmlText.add(root, "allocation").setTextContent("0");
    XmlText.add(XmlText.add(root, "target"), "format", "type", volume.format());
    volume
        .backing()
        .ifPresent(backing -> {
          Element store = XmlText.add(root, "backingStore");
          XmlText.add(store, "path").setTextContent(backing.path().toString());
          XmlText.add(store, "format", "type", backing.format());
        });
    return StorageVolume.read(
        wire.call(
            Procedure.STORAGE_VOL_CREATE_XML,
            pool.arguments().put(XmlText.print(document)).put(0)));
  }

  /// Deletes a volume and all that is in it.
  public void delete(StorageVolume volume) throws IOException {
    wire.call(Procedure.STORAGE_VOL_DELETE, volume.arguments().put(0));
  }

  private interface Lookup<T> {
    T look() throws IOException;
  }

  private static <T> Optional<T> found(Lookup<T> lookup) throws IOException {
    try {
      return Optional.of(lookup.look());
    } catch (LibvirtException e) {
      if (e.reason() == LibvirtException.Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
