/// InfluxDB line protocol, parsed strictly and without an object per value.
///
/// A [LineParser][dev.tidemark.ingest.lineprotocol.LineParser] walks a body and hands each good
/// line to a [PointSink][dev.tidemark.ingest.lineprotocol.PointSink] as a reused
/// [Point][dev.tidemark.ingest.lineprotocol.Point], whose names and texts are
/// [Slices][dev.tidemark.ingest.lineprotocol.Slice] of the body. A bad line leaves no trace in the
/// sink: it becomes a [LineError][dev.tidemark.ingest.lineprotocol.LineError].
@NullMarked
package dev.tidemark.ingest.lineprotocol;

import org.jspecify.annotations.NullMarked;
