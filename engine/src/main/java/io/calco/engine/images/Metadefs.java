package io.calco.engine.images;

import io.calco.catalog.CatalogException;
import io.calco.catalog.MetadefCatalog;
import io.calco.catalog.MetadefItem;
import io.calco.catalog.MetadefNamespace;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Caller;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/// Definitions of metadata: what properties there are, and what they mean. An admin makes them;
/// others see those that are public or their project's.
///
/// Thread rule: safe for several threads.
public final class Metadefs {
  /// The kinds of things that definitions are about, as Glance's own definitions have them.
  public static final List<String> RESOURCE_TYPES =
      List.of(
          "OS::Glance::Image",
          "OS::Cinder::Volume",
          "OS::Nova::Aggregate",
          "OS::Nova::Flavor",
          "OS::Nova::Server",
          "OS::Trove::Instance");

  private static final int NAME_MAX = 80;

  private final MetadefCatalog catalog;

  /// Works on these definitions.
  public Metadefs(MetadefCatalog catalog) {
    this.catalog = catalog;
  }

  /// The namespaces that the caller sees, newest first.
  public List<MetadefNamespace> namespaces(Caller caller) throws IOException {
    ImagePolicy.requireReader(caller);
    return catalog.namespaces().stream().filter(each -> sees(caller, each)).toList();
  }

  private static boolean sees(Caller caller, MetadefNamespace namespace) {
    return caller.isAdmin()
        || caller.has(Caller.READER)
            && (namespace.isPublic()
                || caller.projectId().map(namespace.owner()::equals).orElse(false));
  }

  /// The namespace of that name.
  ///
  /// @throws OperationException NOT_FOUND when there is none that the caller sees
  public MetadefNamespace namespace(Caller caller, String name) throws IOException {
    return catalog
        .findNamespace(name)
        .filter(each -> sees(caller, each))
        .orElseThrow(() -> notFound("Metadata definition namespace", name));
  }

  private static OperationException notFound(String what, String name) {
    return new OperationException(Kind.NOT_FOUND, "%s not found: %s".formatted(what, name));
  }

  private static void requireAdmin(Caller caller) {
    ImagePolicy.requireAdmin(caller, "You are not permitted to change metadata definitions.");
  }

  private static void requireName(String name) {
    if (name.isBlank() || name.length() > NAME_MAX) {
      throw ImageAttributes.usage("A name has 1 to %d characters.".formatted(NAME_MAX));
    }
  }

  /// Adds a namespace; its owner is the caller's project unless it is stated, its moments are now.
  ///
  /// @throws OperationException REFUSED when there is one of that name
  public MetadefNamespace add(Caller caller, MetadefNamespace namespace) throws IOException {
    requireAdmin(caller);
    requireName(namespace.name());
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    String owner = namespace.owner().isEmpty() ? caller.projectId().orElse("") : namespace.owner();
    catalog.addNamespace(
        new MetadefNamespace(
            namespace.name(),
            owner,
            namespace.isPublic(),
            namespace.isProtected(),
            namespace.displayName(),
            namespace.description(),
            now,
            now));
    return namespace(caller, namespace.name());
  }

  /// Changes a namespace.
  ///
  /// @param name as it was
  public MetadefNamespace update(Caller caller, String name, MetadefNamespace changed)
      throws IOException {
    namespace(caller, name);
    requireAdmin(caller);
    requireName(changed.name());
    catalog.updateNamespace(name, changed);
    return namespace(caller, changed.name());
  }

  /// Deletes a namespace and all in it.
  ///
  /// @throws OperationException DENIED when it is protected
  public void delete(Caller caller, String name) throws IOException {
    requireUnprotected(changeable(caller, name));
    catalog.deleteNamespace(name);
  }

  private MetadefNamespace changeable(Caller caller, String name) throws IOException {
    MetadefNamespace namespace = namespace(caller, name);
    requireAdmin(caller);
    return namespace;
  }

  private static void requireUnprotected(MetadefNamespace namespace) {
    if (namespace.isProtected()) {
      throw ImagePolicy.denied(
          "Metadata definition namespace %s is protected and cannot be deleted."
              .formatted(namespace.name()));
    }
  }

  /// The words of one kind in a namespace, by name.
  public List<MetadefItem> items(Caller caller, String namespace, MetadefItem.Kind kind)
      throws IOException {
    namespace(caller, namespace);
    return catalog.items(namespace, kind);
  }

  /// One word.
  ///
  /// @throws OperationException NOT_FOUND when it is not there
  public MetadefItem item(Caller caller, String namespace, MetadefItem.Kind kind, String name)
      throws IOException {
    namespace(caller, namespace);
    return catalog
        .findItem(namespace, kind, name)
        .orElseThrow(() -> notFound("Metadata definition", name));
  }

  /// Adds words: all, or none.
  ///
  /// @param bodies JSON by name
  public void addItems(
      Caller caller, String namespace, MetadefItem.Kind kind, Map<String, String> bodies)
      throws IOException {
    changeable(caller, namespace);
    catalog.addItems(made(namespace, kind, bodies));
  }

  /// Makes these the words of one kind in a namespace.
  ///
  /// @param bodies JSON by name
  public void replaceItems(
      Caller caller, String namespace, MetadefItem.Kind kind, Map<String, String> bodies)
      throws IOException {
    changeable(caller, namespace);
    catalog.replaceItems(namespace, kind, made(namespace, kind, bodies));
  }

  private static List<MetadefItem> made(
      String namespace, MetadefItem.Kind kind, Map<String, String> bodies) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    return bodies.entrySet().stream()
        .map(each -> {
          requireName(each.getKey());
          return new MetadefItem(namespace, kind, each.getKey(), each.getValue(), now, now);
        })
        .toList();
  }

  /// Changes a word, its name too.
  ///
  /// @param name as it was
  public MetadefItem updateItem(Caller caller, String name, MetadefItem changed)
      throws IOException {
    changeable(caller, changed.namespace());
    requireName(changed.name());
    try {
      catalog.updateItem(name, changed);
    } catch (CatalogException.Gone e) {
      throw notFound("Metadata definition", name);
    }
    return item(caller, changed.namespace(), changed.kind(), changed.name());
  }

  /// Deletes a word.
  public void deleteItem(Caller caller, String namespace, MetadefItem.Kind kind, String name)
      throws IOException {
    requireUnprotected(changeable(caller, namespace));
    try {
      catalog.deleteItem(namespace, kind, name);
    } catch (CatalogException.Gone e) {
      throw notFound("Metadata definition", name);
    }
  }

  /// Deletes all words of one kind in a namespace.
  public void deleteItems(Caller caller, String namespace, MetadefItem.Kind kind)
      throws IOException {
    requireUnprotected(changeable(caller, namespace));
    catalog.deleteItems(namespace, kind);
  }
}
