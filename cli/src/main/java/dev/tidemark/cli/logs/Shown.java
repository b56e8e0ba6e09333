package dev.tidemark.cli.logs;

import dev.tidemark.formats.ValueSink;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/// A record as a command sees it.
///
/// @param file which file it stands in, relative to the log
/// @param offset where it begins in the file, in bytes
/// @param end where it ends in the file, in bytes; -1 if it has no place of its own
/// @param index its place among the records that are read, from 1 on
/// @param first the first of its numbers
/// @param last the last of its numbers, `first - 1` if it has none
/// @param proven whether it is known to be durable
/// @param framing tells what its framing says of it beside the payload, until the taker returns
/// @param payload its bytes, good until the taker returns; not to be written to
public record Shown(
    String file,
    long offset,
    long end,
    long index,
    long first,
    long last,
    boolean proven,
    Consumer<ValueSink> framing,
    ByteBuffer payload) {}
