package dev.tidemark.wal.internal;

import static dev.tidemark.wal.internal.FrameLayout.INT;
import static dev.tidemark.wal.internal.FrameLayout.LONG;

import dev.tidemark.wal.CorruptWalException;
import dev.tidemark.wal.Hole;
import dev.tidemark.wal.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The frames at the head of a segment that a salvage started: they list the holes it accepted.
///
/// ```
/// payload of a HOLE frame
///  0                4              8
/// +----------------+--------------+-------+-------+ …
/// | all holes of   | holes in this| hole  | hole  |
/// | the segment    | frame        |       |       |
/// +----------------+--------------+-------+-------+ …
///
/// a hole
///  0         8         16        24        32        40        44      48
/// +---------+---------+---------+---------+---------+---------+-------+
/// | segment | from LSN| to LSN  | from    | to byte | CRC     | reason|
/// |         |         |         | byte    |         | after   |       |
/// +---------+---------+---------+---------+---------+---------+-------+
/// ```
///
/// They are synced before the header of their segment is written, so a valid header with the flag
/// [SegmentHeader#SALVAGED] has them all.
final class HoleFrames {
  /// How many holes one frame lists at most.
  static final int MAX_PER_FRAME = 1024;

  /// How many holes a log may have at most.
  static final int MAX = 1 << 16;

  /// What is wrong with a segment whose list cannot be read.
  static final String DAMAGED = "lists holes of the log at its head, and the list is damaged";

  private static final int HEAD_BYTES = 8;
  private static final int HOLE_BYTES = 48;

  private HoleFrames() {}

  /// What stands at the head of a segment.
  ///
  /// @param holes the holes
  /// @param end where the next frame stands, in bytes
  /// @param crc what that frame names as its previous
  record Head(List<AcceptedHole> holes, long end, int crc) {}

  /// {@return why a log with more holes than can be listed is not salvaged}
  ///
  /// @param file the last one in which there are some
  static CorruptWalException tooMany(String file) {
    return new CorruptWalException(
        "makes it more than "
            + MAX
            + " damaged places, which is the most that one log can go on with: put back a copy of"
            + " the directory, or of the most damaged segments",
        file,
        -1,
        0,
        0);
  }

  /// {@return what the frames for so many holes take, in bytes}
  static long bytes(int holes) {
    long bytes = 0;
    for (int left = holes; left > 0; left -= MAX_PER_FRAME) {
      int here = Math.min(left, MAX_PER_FRAME);
      bytes += FrameLayout.frameBytes(HEAD_BYTES + here * HOLE_BYTES);
    }
    return bytes;
  }

  /// Writes the frames behind the place of the header, and syncs them.
  ///
  /// @param segment the header, which is written afterwards
  /// @return the same head, as [#read] will answer it
  static Head write(StorageFile file, SegmentHeader segment, List<AcceptedHole> holes)
      throws IOException {
    FrameWriter frames = new FrameWriter(1 << 10, null);
    frames.enter(segment, SegmentHeader.BYTES, segment.chainStart());
    for (int from = 0; from < holes.size(); from += MAX_PER_FRAME) {
      int to = Math.min(holes.size(), from + MAX_PER_FRAME);
      MemorySegment payload = encode(holes.subList(from, to), holes.size());
      frames.addWithoutRecords(
          FrameLayout.KIND_HOLE, segment.firstLsn(), segment.durableLsn(), payload);
    }
    int bytes = frames.bufferedBytes();
    file.write(SegmentHeader.BYTES, frames.closedFrames(), 0, bytes + (long) FrameLayout.ALIGNMENT);
    file.sync(true);
    return new Head(List.copyOf(holes), SegmentHeader.BYTES + (long) bytes, frames.chain());
  }

  private static MemorySegment encode(List<AcceptedHole> holes, int all) {
    MemorySegment payload =
        Arena.ofAuto().allocate(HEAD_BYTES + (long) holes.size() * HOLE_BYTES, 8);
    payload.set(INT, 0, all);
    payload.set(INT, 4, holes.size());
    long at = HEAD_BYTES;
    for (AcceptedHole hole : holes) {
      payload.set(LONG, at, hole.segment());
      payload.set(LONG, at + 8, hole.fromLsn());
      payload.set(LONG, at + 16, hole.toLsn());
      payload.set(LONG, at + 24, hole.fromByte());
      payload.set(LONG, at + 32, hole.toByte());
      payload.set(INT, at + 40, hole.crcAfter());
      payload.set(INT, at + 44, codeOf(hole.reason()));
      at += HOLE_BYTES;
    }
    return payload;
  }

  private static int codeOf(Hole.Reason reason) {
    return switch (reason) {
      case DAMAGED -> 0;
      case MISSING -> 1;
      case REMOVED -> 2;
      case CUT -> 3;
    };
  }

  private static Hole.@Nullable Reason reasonOf(int code) {
    return switch (code) {
      case 0 -> Hole.Reason.DAMAGED;
      case 1 -> Hole.Reason.MISSING;
      case 2 -> Hole.Reason.REMOVED;
      case 3 -> Hole.Reason.CUT;
      default -> null;
    };
  }

  /// Reads the frames at the head of a segment whose header says that there are some.
  ///
  /// @return the head, or null if it is damaged
  static @Nullable Head read(StorageFile file, SegmentHeader segment) throws IOException {
    FrameReader reader = new FrameReader(file, segment);
    List<AcceptedHole> holes = new ArrayList<>();
    long offset = SegmentHeader.BYTES;
    int crc = segment.chainStart();
    int all = 0;
    do {
      if (reader.read(offset) != FrameReader.Found.FRAME) {
        return null;
      }
      FrameHeader frame = reader.header();
      boolean follows = segment.isRebuilt() && offset == SegmentHeader.BYTES;
      if (frame.kind != FrameLayout.KIND_HOLE || (frame.previousCrc != crc && !follows)) {
        return null;
      }
      int stated = decode(reader.payload(), holes);
      if (stated <= 0 || (all != 0 && stated != all)) {
        return null;
      }
      all = stated;
      offset += frame.frameBytes();
      crc = frame.headerCrc;
    } while (holes.size() < all);
    return holes.size() == all ? new Head(List.copyOf(holes), offset, crc) : null;
  }

  // Answers how many holes the segment has, 0 if the payload makes no sense.
  private static int decode(MemorySegment payload, List<AcceptedHole> holes) {
    if (payload.byteSize() < HEAD_BYTES) {
      return 0;
    }
    int all = payload.get(INT, 0);
    int here = payload.get(INT, 4);
    if (all < 1
        || all > MAX
        || here < 1
        || here > MAX_PER_FRAME
        || payload.byteSize() != HEAD_BYTES + (long) here * HOLE_BYTES) {
      return 0;
    }
    for (long at = HEAD_BYTES; at < payload.byteSize(); at += HOLE_BYTES) {
      AcceptedHole hole = decode(payload.asSlice(at, HOLE_BYTES));
      if (hole == null) {
        return 0;
      }
      holes.add(hole);
    }
    return all;
  }

  private static @Nullable AcceptedHole decode(MemorySegment hole) {
    Hole.Reason reason = reasonOf(hole.get(INT, 44));
    long fromLsn = hole.get(LONG, 8);
    long toLsn = hole.get(LONG, 16);
    long fromByte = hole.get(LONG, 24);
    long toByte = hole.get(LONG, 32);
    if (reason == null
        || hole.get(LONG, 0) < 1
        || fromLsn < 1
        || toLsn < fromLsn - 1
        || toLsn >= FrameLayout.LSNS
        || fromByte < 0
        || toByte < fromByte
        || toByte >= SegmentHeader.FILE_BYTES) {
      return null;
    }
    return new AcceptedHole(
        hole.get(LONG, 0), fromLsn, toLsn, fromByte, toByte, hole.get(INT, 40), reason);
  }
}
