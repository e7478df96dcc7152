@NullMarked
package io.calco.server.settings;

import org.jspecify.annotations.NullMarked;
