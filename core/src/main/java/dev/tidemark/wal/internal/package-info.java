/// The engine. Bytes: [FrameLayout], [SegmentHeader], [Manifest]. Append to ack: [LocalWal],
/// [Staging], [Committer], [SegmentWriter], [Waiters]. Open to verdict: [Recovery], [Chain],
/// [TailScan], [Verdict].
@NullMarked
package dev.tidemark.wal.internal;

import org.jspecify.annotations.NullMarked;
