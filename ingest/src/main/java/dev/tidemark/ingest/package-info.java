/// Metrics rows on their way from a request to the sink.
@NullMarked
package dev.tidemark.ingest;

import org.jspecify.annotations.NullMarked;
