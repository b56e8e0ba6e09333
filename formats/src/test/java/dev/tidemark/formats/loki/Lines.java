package dev.tidemark.formats.loki;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Hands the lines of a chunk on, each with its labels. For one thread at a time.
final class Lines implements RecordTaker {
  private final Consumer<LogLine> lines;
  private final List<Label> labels = new ArrayList<>();
  private long timestamp;
  private ByteBuffer bytes = ByteBuffer.allocate(0);

  Lines(Consumer<LogLine> lines) {
    this.lines = lines;
  }

  @Override
  public void line(long timestampNanos, ByteBuffer line) {
    timestamp = timestampNanos;
    bytes = line;
  }

  @Override
  public void label(ByteBuffer name, ByteBuffer value) {
    labels.add(new Label(RecordWalk.text(name), RecordWalk.text(value)));
  }

  @Override
  public void endLine() {
    lines.accept(new LogLine(timestamp, bytes, List.copyOf(labels)));
    labels.clear();
  }
}
