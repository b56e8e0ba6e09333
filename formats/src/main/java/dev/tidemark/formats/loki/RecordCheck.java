package dev.tidemark.formats.loki;

import dev.tidemark.formats.FormatException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// What is to be known of a record before it is shown: whether Loki would take all of it, its
/// chunks too. Keeps nothing else of it.
final class RecordCheck implements RecordTaker {
  // In Loki's words.
  private static final String SKIPPED =
      "Checksum does not match for a block in chunk, this block will be skipped: ";

  private static final int MOST_USER_CHARS = 64;
  private static final int MOST_NAMED = 8;

  // All owned by the caller's thread.
  private String user = "";
  private boolean checkpoint;
  private int chunks;
  private int damaged;
  private final List<String> damagedChunks = new ArrayList<>();

  private RecordCheck() {}

  /// Checks a record.
  ///
  /// @param payload from position to limit, which stay
  /// @throws FormatException if Loki would not take it
  static RecordCheck of(ByteBuffer payload) throws FormatException {
    RecordCheck check = new RecordCheck();
    RecordWalk.of(payload, check);
    int more = check.damaged - check.damagedChunks.size();
    if (more > 0) {
      check.damagedChunks.add(SKIPPED + "in " + more + " more chunks of the same stream");
    }
    return check;
  }

  /// {@return the tenant}
  String user() {
    return user;
  }

  /// {@return whether it is a record of a checkpoint}
  boolean isOfCheckpoint() {
    return checkpoint;
  }

  /// {@return what Loki leaves out of it, one text for each of the first chunks that have damaged
  /// blocks, and one for all others}
  List<String> damagedChunks() {
    return damagedChunks;
  }

  @Override
  public void series(String of) {
    user = of;
  }

  @Override
  public void entries(int version, String of) {
    user = of;
  }

  @Override
  public void checkpoint(CheckpointSeries series) throws FormatException {
    checkpoint = true;
    user = series.user();
    series.chunks(
        chunk -> {
          chunks++;
          MemChunk content = MemChunk.decode(chunk);
          if (content.damagedBlocks() > 0 && damaged++ < MOST_NAMED) {
            damagedChunks.add(damage(series, content));
          }
        });
  }

  private String damage(CheckpointSeries series, MemChunk chunk) {
    int more = chunk.damagedBlocks() - chunk.namedDamage().size();
    return SKIPPED
        + "user %s, stream %016x, chunk %d: %s%s"
            .formatted(
                user.length() > MOST_USER_CHARS ? user.substring(0, MOST_USER_CHARS) + "…" : user,
                series.fingerprint(),
                chunks,
                String.join("; ", chunk.namedDamage()),
                more == 0 ? "" : "; and " + more + " more");
  }
}
