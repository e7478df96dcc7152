@NullMarked
package io.calco.guest.network;

import org.jspecify.annotations.NullMarked;
