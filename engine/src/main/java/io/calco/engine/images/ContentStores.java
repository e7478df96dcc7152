package io.calco.engine.images;

import io.calco.disk.Closing;
import io.calco.disk.HostFile;
import io.calco.engine.Home;
import io.calco.engine.store.StoreSettings;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The stores that content is kept in, each known by a name, and the web, which is only read.
///
/// A place in the home's own store is its name there, `image/UUID`; in another store that has the
/// store's name before it, `archive:image/UUID`; on the web it is an address. So whoever has a
/// place needs no more to read it, let it go, or say where it is.
///
/// Thread rule: safe for several threads.
public final class ContentStores implements ImageContents {
  /// The name of the home's own store.
  public static final String HOME = "calco";

  /// The name under which the web is listed: it can be read and not written.
  public static final String WEB = "web";

  /// Ours; none that begins as an address of the web does.
  private static final Pattern NAME = Pattern.compile("(?!http)[a-z0-9][a-z0-9_-]{0,62}");

  private static final int PIECE = 256 << 10;

  private final Map<String, ImageContents> stores;
  private final String usual;
  private final WebAddresses addresses;

  private ContentStores(Map<String, ImageContents> stores, String usual, WebAddresses addresses) {
    this.stores = stores;
    this.usual = usual;
    this.addresses = addresses;
  }

  /// Which stores there are.
  ///
  /// @param more directories, by the names of the stores in them, beside the home's own
  /// @param usual the one that is used where none is asked for
  /// @param how each of them is kept
  public record Settings(Map<String, Path> more, String usual, StoreSettings how) {
    /// Checks the names.
    ///
    /// @throws io.calco.engine.OperationException of kind USAGE when one is none, or taken
    public Settings {
      more = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(more));
      for (String name : more.keySet()) {
        if (!NAME.matcher(name).matches() || name.equals(HOME) || name.equals(WEB)) {
          throw ImageAttributes.usage("'%s' cannot be the name of a store.".formatted(name));
        }
      }
      if (!usual.equals(HOME) && !more.containsKey(usual)) {
        throw ImageAttributes.usage("There is no store '%s'.".formatted(usual));
      }
    }

    /// The home's own alone.
    public static Settings home() {
      return new Settings(Map.of(), HOME, StoreSettings.defaults());
    }

    /// How one beside the home's own is kept: memory is for all of them.
    private StoreSettings share() {
      return how.withUploads(Math.max(1, how.uploads() / (more.size() + 1)));
    }
  }

  /// Opens the stores beside the home's, which is closed with them, and also when this fails.
  static ContentStores openOwning(ImageContents home, Settings settings, WebAddresses addresses)
      throws IOException {
    Map<String, ImageContents> stores = new LinkedHashMap<>();
    stores.put(HOME, home);
    try {
      for (var each : settings.more().entrySet()) {
        stores.put(each.getKey(), ServedContents.open(new Home(each.getValue()), settings.share()));
      }
    } catch (IOException | RuntimeException e) {
      Closing.after(e, stores.values());
      throw e;
    }
    return new ContentStores(stores, settings.usual(), addresses);
  }

  /// The stores' names, the home's own first.
  public List<String> names() {
    return List.copyOf(stores.keySet());
  }

  /// The store that is used where none is asked for.
  public String usual() {
    return usual;
  }

  /// Refuses a name that no store has.
  ///
  /// @throws io.calco.engine.OperationException of kind USAGE
  public String require(String name) {
    if (!stores.containsKey(name)) {
      throw ImageAttributes.usage(
          "Unknown store: %s".formatted(name.substring(0, Math.min(name.length(), 80))));
    }
    return name;
  }

  /// True for an address on the web.
  static boolean isWeb(String place) {
    return place.startsWith("http://") || place.startsWith("https://");
  }

  /// The store that a place is in; [#WEB] for one on the web.
  public static String storeOf(String place) {
    if (isWeb(place)) {
      return WEB;
    }
    int colon = place.indexOf(':');
    return colon < 0 ? HOME : place.substring(0, colon);
  }

  /// A place as clients see it. One in a store cannot be fetched by this address.
  public static String addressOf(String place) {
    return isWeb(place) ? place : "calco://%s/%s".formatted(storeOf(place), nameOf(place));
  }

  /// False for a place in a store that is not configured now.
  boolean reaches(String place) {
    return isWeb(place) || stores.containsKey(storeOf(place));
  }

  private static String nameOf(String place) {
    return place.substring(place.indexOf(':') + 1);
  }

  private static String placeIn(String store, String name) {
    return store.equals(HOME) ? name : store + ":" + name;
  }

  private ImageContents storeFor(String place) throws NoSuchFileException {
    ImageContents store = stores.get(storeOf(place));
    if (store == null) {
      throw new NoSuchFileException(place, null, "no such store is configured");
    }
    return store;
  }

  @Override
  public Incoming receive() throws IOException {
    return receive(usual);
  }

  /// Begins to take in content into a store.
  Incoming receive(String store) throws IOException {
    Incoming incoming = storeFor(placeIn(require(store), "")).receive();
    return new Incoming() {
      @Override
      public int pieceLength() {
        return incoming.pieceLength();
      }

      @Override
      public void write(byte[] bytes, int length, Runnable done) throws IOException {
        incoming.write(bytes, length, done);
      }

      @Override
      public String finish() throws IOException {
        return placeIn(store, incoming.finish());
      }

      @Override
      public void close() throws IOException {
        incoming.close();
      }
    };
  }

  @Override
  public HostFile open(String place) throws IOException {
    return isWeb(place)
        ? WebFile.open(URI.create(place), addresses)
        : storeFor(place).open(nameOf(place));
  }

  @Override
  public void writeTo(String place, WritableByteChannel out, long offset, long length)
      throws IOException {
    if (!isWeb(place)) {
      storeFor(place).writeTo(nameOf(place), out, offset, length);
      return;
    }
    try (HostFile file = open(place)) {
      byte[] piece = new byte[PIECE];
      for (long done = 0; done < length; ) {
        int some = (int) Math.min(PIECE, length - done);
        file.read(offset + done, MemorySegment.ofArray(piece).asSlice(0, some));
        ByteBuffer bytes = ByteBuffer.wrap(piece, 0, some);
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        done += some;
      }
    }
  }

  @Override
  public void sweep(Known known) throws IOException {
    for (var store : stores.entrySet()) {
      store
          .getValue()
          .sweep(() ->
              known.read().stream()
                  .filter(place -> storeOf(place).equals(store.getKey()))
                  .map(ContentStores::nameOf)
                  .collect(Collectors.toSet()));
    }
  }

  @Override
  public void describe(String place, String description) throws IOException {
    if (!isWeb(place)) {
      storeFor(place).describe(nameOf(place), description);
    }
  }

  @Override
  public Map<String, String> descriptions() throws IOException {
    Map<String, String> all = new LinkedHashMap<>();
    for (var store : stores.entrySet()) {
      store
          .getValue()
          .descriptions()
          .forEach((name, text) -> all.put(placeIn(store.getKey(), name), text));
    }
    return all;
  }

  /// Lets go of content; what lies on the web stays there, and what is in a store that is not
  /// configured is let go at the first start when it is again.
  @Override
  public void release(String place) throws IOException {
    Optional<ImageContents> store = Optional.ofNullable(stores.get(storeOf(place)));
    if (store.isPresent()) {
      store.get().release(nameOf(place));
    }
  }

  @Override
  public void close() throws IOException {
    Closing.all(stores.values());
  }
}
