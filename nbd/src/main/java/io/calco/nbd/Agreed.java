package io.calco.nbd;

import java.util.List;

/// What a handshake came to.
///
/// @param contexts what the client asks about runs; each one's id is its place here
record Agreed(NbdExport export, Framing framing, List<MetaContext> contexts) {
  Agreed {
    contexts = List.copyOf(contexts);
  }
}
