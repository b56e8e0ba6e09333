/// Prometheus's write-ahead log: segments, pages, records and checkpoints.
@NullMarked
package dev.tidemark.formats.prometheus;

import org.jspecify.annotations.NullMarked;
