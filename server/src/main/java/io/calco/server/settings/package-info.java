/// What can be set of a server: [Setting] lists everything with its default and a sentence, and
/// [Settings] is what was set, with where each value comes from.
///
/// The command line wins over the environment, which wins over the file. A setting has one name,
/// `tls-key`, which the environment spells `CALCO_TLS_KEY`. Of a secret the value may lie in a file
/// of its own, which `…-file` names; on the command line only so. The file is in the format of
/// [java.util.Properties], UTF-8; a key that is unknown or stands twice is refused.
///
/// Values cross this package as text, and whoever needs one asks for its kind: [Settings#duration],
/// [Settings#choice] and so on, or [Settings#parse] with a rule of its own. Each refuses with the
/// place the value stands in.
@NullMarked
package io.calco.server.settings;

import org.jspecify.annotations.NullMarked;
