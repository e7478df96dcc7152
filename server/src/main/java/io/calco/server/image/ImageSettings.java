package io.calco.server.image;

import io.calco.engine.OperationException;
import io.calco.engine.images.ContentCheck;
import io.calco.engine.images.ContentStores;
import io.calco.engine.images.ImageLimits;
import io.calco.engine.images.ImageLocations.Shown;
import io.calco.engine.images.ImageService;
import io.calco.engine.images.WebAddresses;
import io.calco.engine.store.StoreSettings;
import io.calco.server.settings.Setting;
import io.calco.server.settings.Settings;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// What settings say of how images are served.
public final class ImageSettings {
  private ImageSettings() {}

  /// The settings.
  ///
  /// @param store how stores are kept, those beside the home's own too
  /// @throws OperationException of kind USAGE when one cannot be understood
  public static ImageService.Settings of(Settings settings, StoreSettings store) {
    return new ImageService.Settings(
        ImageLimits.defaults(),
        settings.choice(Setting.CONTENT_CHECK).equals("known")
            ? ContentCheck.KNOWN
            : ContentCheck.DECLARED,
        new WebAddresses(Set.copyOf(settings.list(Setting.IMPORT_ALLOW))),
        stores(settings, store),
        settings.choice(Setting.LOCATIONS).equals("show") ? Shown.YES : Shown.NO,
        regions(settings),
        settings.find(Setting.CERTIFICATES).map(Path::of));
  }

  private static ContentStores.Settings stores(Settings settings, StoreSettings store) {
    Map<String, Path> more = new LinkedHashMap<>();
    settings.named(Setting.STORES).forEach((name, path) -> more.put(name, Path.of(path)));
    try {
      return new ContentStores.Settings(more, settings.get(Setting.DEFAULT_STORE), store);
    } catch (OperationException e) {
      throw new OperationException(e.kind(), settings.from(Setting.STORES) + ": " + e.getMessage());
    }
  }

  private static Map<String, URI> regions(Settings settings) {
    Map<String, URI> regions = new LinkedHashMap<>();
    addresses(settings, Setting.REMOTE_IMAGES)
        .forEach((region, address) ->
            regions.put(region, URI.create(address.toString().replaceAll("/v2$", ""))));
    return regions;
  }

  /// Addresses by name: `NAME=URL`, with commas between.
  public static Map<String, URI> addresses(Settings settings, Setting setting) {
    Map<String, URI> all = new LinkedHashMap<>();
    settings
        .named(setting)
        .forEach((name, text) -> all.put(name, address(settings, setting, text)));
    return all;
  }

  private static URI address(Settings settings, Setting setting, String text) {
    try {
      URI address = new URI(text.replaceAll("/+$", ""));
      boolean web =
          "http".equalsIgnoreCase(address.getScheme())
              || "https".equalsIgnoreCase(address.getScheme());
      if (web && address.getHost() != null && address.getUserInfo() == null) {
        return address;
      }
    } catch (URISyntaxException e) {
      // said below
    }
    throw settings.refused(setting, "holds what is no address");
  }
}
