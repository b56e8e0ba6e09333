/// The engine. Bytes: [FrameLayout], [SegmentHeader], [Manifest]. The rooms and their doors:
/// [LocalWal], [Engine]. Append to ack: [AppendPath], [Appender], [Staging], [Committer],
/// [SegmentWriter], [Waiters]. Open to verdict: [Recovery], [Chain], [TailScan], [Verdict].
@NullMarked
package dev.tidemark.wal.internal;

import org.jspecify.annotations.NullMarked;
