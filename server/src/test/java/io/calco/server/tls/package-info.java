@NullMarked
package io.calco.server.tls;

import org.jspecify.annotations.NullMarked;
