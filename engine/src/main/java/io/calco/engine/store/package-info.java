/// The store of a home, or another: made, opened with its key, looked after, copied.
///
/// | class | what it does |
/// |---|---|
/// | [HomeStore] | status, verification, repair, collection, keys, index, copies; beside a server |
/// | [StoreSecret] | the passphrase or recovery key that opens an encrypted store |
/// | [StoreSettings] | how a server uses the store |
/// | [StoreUpkeep] | collects by itself while a server runs |
///
/// Whether a store is encrypted is decided once, when it is made: by whether a passphrase is given
/// then. A passphrase for a store that is not encrypted is refused, so that nobody believes what is
/// not so.
@NullMarked
package io.calco.engine.store;

import org.jspecify.annotations.NullMarked;
