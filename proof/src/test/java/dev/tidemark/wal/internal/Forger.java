package dev.tidemark.wal.internal;

import static dev.tidemark.wal.internal.FrameLayout.INT;
import static dev.tidemark.wal.internal.FrameLayout.LONG;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.zip.CRC32C;

/// Makes the checksums of changed files right again, so that nothing is refused for them alone:
/// what no disk does, and a bug or somebody who means it might.
final class Forger {
  private Forger() {}

  /// Makes all checksums of a file right, where something still looks as if it had one.
  ///
  /// @param chained whether each frame also names the one before it
  static void forge(String name, byte[] bytes, boolean chained) {
    MemorySegment file = MemorySegment.ofArray(bytes);
    if (name.equals(Manifest.FILE)) {
      for (int slot = 0; slot + Manifest.SLOT_BYTES <= bytes.length; slot += 4096) {
        plain(bytes, slot, Manifest.SLOT_BYTES - 4);
      }
    } else if (name.equals(SubscriptionFile.FILE)) {
      for (int copy = 0; copy + 4096 <= bytes.length; copy += 4096) {
        plain(bytes, copy, 4092);
      }
    } else if (SegmentHeader.numberAtHead(name) != null && bytes.length >= SegmentHeader.BYTES) {
      plain(bytes, 0, SegmentHeader.BYTES - 4);
      plain(bytes, bytes.length - SegmentHeader.BYTES, SegmentHeader.BYTES - 4);
      frames(file, bytes, chained);
    } else if (CheckpointLayout.generationIn(name) >= 0) {
      checkpoint(file, bytes);
    }
  }

  /// Puts the checksum behind some bytes, unless they are all zero.
  static void plain(byte[] bytes, int from, int length) {
    boolean zeros = true;
    for (int i = from; i < from + length && zeros; i++) {
      zeros = bytes[i] == 0;
    }
    if (!zeros) {
      CRC32C crc = new CRC32C();
      crc.update(bytes, from, length);
      MemorySegment.ofArray(bytes).set(INT, from + length, (int) crc.getValue());
    }
  }

  private static void frames(MemorySegment file, byte[] bytes, boolean chained) {
    if (!(SegmentHeader.decode(file) instanceof SegmentHeader.Found.Valid(SegmentHeader header))) {
      return;
    }
    PlacedChecksum checksum = new PlacedChecksum();
    checksum.enter(header);
    ByteBuffer view = ByteBuffer.wrap(bytes);
    int previous = header.chainStart();
    for (int at = SegmentHeader.BYTES; at + FrameLayout.HEADER_BYTES <= bytes.length; at += 64) {
      if (file.get(INT, at + FrameLayout.MAGIC_AT) != FrameLayout.MAGIC) {
        continue;
      }
      int stored = file.get(INT, at + FrameLayout.STORED_BYTES_AT);
      if (stored >= 0 && stored <= bytes.length - at - FrameLayout.HEADER_BYTES) {
        int crc = checksum.of(at, view, at + FrameLayout.HEADER_BYTES, stored);
        file.set(INT, at + FrameLayout.PAYLOAD_CRC_AT, crc);
      }
      if (chained) {
        file.set(INT, at + FrameLayout.PREVIOUS_CRC_AT, previous);
      }
      previous = checksum.of(at, view, at, FrameLayout.HEADER_CRC_AT);
      file.set(INT, at + FrameLayout.HEADER_CRC_AT, previous);
    }
  }

  // Of its pieces, too, as far as the trailer says what they are.
  private static void checkpoint(MemorySegment file, byte[] bytes) {
    int trailer = bytes.length - CheckpointLayout.TRAILER_BYTES;
    if (trailer < 0) {
      return;
    }
    CRC32C crc =
        CheckpointLayout.begin(
            file.get(LONG, trailer + 16),
            file.get(LONG, trailer + 24),
            file.get(LONG, trailer + 32),
            file.get(LONG, trailer + 40));
    for (int at = 0; at + CheckpointLayout.CRC_BYTES < trailer; ) {
      int piece = Math.min(CheckpointLayout.PIECE_BYTES, trailer - at - CheckpointLayout.CRC_BYTES);
      crc.update(bytes, at, piece);
      file.set(INT, at + piece, (int) crc.getValue());
      at += piece + CheckpointLayout.CRC_BYTES;
    }
    file.set(INT, trailer + 56, (int) crc.getValue());
    plain(bytes, trailer, CheckpointLayout.TRAILER_BYTES - 4);
  }

  /// Lets headers and the manifest name each other again, whose nonces and checksums were changed.
  static void link(Map<String, byte[]> files) {
    for (Map.Entry<String, byte[]> entry : files.entrySet()) {
      byte[] bytes = entry.getValue();
      if (SegmentHeader.numberIn(entry.getKey()) != null
          && bytes.length >= 2 * SegmentHeader.BYTES
          && SegmentHeader.decode(MemorySegment.ofArray(bytes))
              instanceof SegmentHeader.Found.Valid(SegmentHeader header)) {
        link(files, entry.getKey(), bytes, header);
      }
    }
    byte[] manifest = files.get(Manifest.FILE);
    for (int slot = 0; manifest != null && slot + 256 <= manifest.length; slot += 4096) {
      MemorySegment file = MemorySegment.ofArray(manifest);
      byte[] last = files.get(SegmentHeader.fileName(file.get(LONG, slot + 56)));
      if (last != null && last.length >= SegmentHeader.BYTES) {
        file.set(LONG, slot + 64, MemorySegment.ofArray(last).get(LONG, 40));
        plain(manifest, slot, Manifest.SLOT_BYTES - 4);
      }
    }
  }

  private static void link(
      Map<String, byte[]> files, String name, byte[] bytes, SegmentHeader header) {
    byte[] previous = files.get(SegmentHeader.fileName(header.previousNumber()));
    if (previous == null || previous.length < SegmentHeader.BYTES) {
      return;
    }
    MemorySegment file = MemorySegment.ofArray(bytes);
    MemorySegment before = MemorySegment.ofArray(previous);
    file.set(LONG, 72, before.get(LONG, 40));
    int last = before.get(INT, SegmentHeader.BYTES - 4);
    for (long at = SegmentHeader.BYTES;
        at + FrameLayout.HEADER_BYTES <= Math.min(previous.length, header.previousEnd());
        at += FrameLayout.ALIGNMENT) {
      if (before.get(INT, at) == FrameLayout.MAGIC) {
        last = before.get(INT, at + FrameLayout.HEADER_CRC_AT);
      }
    }
    file.set(INT, 96, last);
    System.arraycopy(bytes, 0, bytes, bytes.length - SegmentHeader.BYTES, SegmentHeader.BYTES);
    forge(name, bytes, true);
  }

  /// {@return where something begins in a file: headers, slots, copies, frames, a trailer}
  static int[] places(String name, byte[] bytes) {
    MemorySegment file = MemorySegment.ofArray(bytes);
    java.util.stream.IntStream.Builder places = java.util.stream.IntStream.builder();
    places.add(0);
    for (int at = 64; at + 64 <= bytes.length; at += 64) {
      boolean slot = at % 4096 == 0;
      boolean end = at + CheckpointLayout.TRAILER_BYTES == bytes.length;
      boolean second = at + SegmentHeader.BYTES == bytes.length;
      boolean frame = file.get(ValueLayout.JAVA_INT_UNALIGNED, at) == FrameLayout.MAGIC;
      if (slot || end || second || frame) {
        places.add(at);
      }
    }
    if (CheckpointLayout.generationIn(name) >= 0) {
      places.add(Math.max(0, bytes.length - CheckpointLayout.TRAILER_BYTES));
    }
    return places.build().toArray();
  }
}
