/// Counting and timing without getting in the way: nothing here allocates or waits while it
/// records.
@NullMarked
package dev.tidemark.wal.internal.meter;

import org.jspecify.annotations.NullMarked;
