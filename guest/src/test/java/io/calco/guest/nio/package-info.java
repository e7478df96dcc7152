@NullMarked
package io.calco.guest.nio;

import org.jspecify.annotations.NullMarked;
