package dev.tidemark.formats.loki;

import java.nio.ByteBuffer;
import java.util.List;

/// One entry of a stream.
///
/// @param timestampNanos nanoseconds since 1970
/// @param line its bytes from position to limit, mostly UTF-8; whoever made the entry says until
///   when they are good
/// @param metadata what belongs to this line alone
public record LogLine(long timestampNanos, ByteBuffer line, List<Label> metadata) {}
