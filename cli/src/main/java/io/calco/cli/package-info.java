/// The command line: commands, text and JSON output, exit codes. No logic: the engine has it.
@NullMarked
package io.calco.cli;

import org.jspecify.annotations.NullMarked;
