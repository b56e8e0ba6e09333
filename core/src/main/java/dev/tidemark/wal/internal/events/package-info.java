/// Telling those who operate the log what happens, without harm to it.
@NullMarked
package dev.tidemark.wal.internal.events;

import org.jspecify.annotations.NullMarked;
