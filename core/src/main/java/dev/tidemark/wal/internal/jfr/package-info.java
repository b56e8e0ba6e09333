/// What Java Flight Recorder is told of a log: the events of the category `Tidemark`. While nothing
/// records them they cost a look at a flag and allocate nothing.
///
/// Every event has a static `begun()` that answers null unless a recording wants the event, and a
/// `done(…)` that ends it.
@NullMarked
package dev.tidemark.wal.internal.jfr;

import org.jspecify.annotations.NullMarked;
