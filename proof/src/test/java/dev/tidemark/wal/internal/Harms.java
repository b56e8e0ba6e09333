package dev.tidemark.wal.internal;

import static dev.tidemark.wal.internal.FrameLayout.INT;
import static dev.tidemark.wal.internal.FrameLayout.LONG;
import static java.util.Objects.requireNonNull;

import dev.tidemark.testkit.disk.SimulatedDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Changes the files of small logs as a fuzzer chooses: numbers in headers, rows of bytes, whole
/// files. For one thread.
final class Harms {
  private static final int MOST = 16; // changes
  private static final int MOST_BYTES = 64 << 10; // of a file

  /// A log as it was written, and where in its files something begins.
  private record Whole(Map<String, byte[]> files, Map<String, int[]> places) {}

  private static final List<Whole> LOGS = logs();

  private final Map<String, byte[]> files;
  private final Map<String, int[]> places;
  private final Map<String, Boolean> touched = new TreeMap<>();

  private Harms(Whole log) {
    files = new TreeMap<>(log.files);
    places = log.places;
  }

  // That with a batch of several frames is large, and would make everything slow.
  private static List<Whole> logs() {
    List<Whole> logs = new ArrayList<>();
    for (Specimen kind :
        List.of(
            Specimen.PLAIN,
            Specimen.SEALED,
            Specimen.ASYNC,
            Specimen.SALVAGED,
            Specimen.RECYCLED)) {
      try {
        Map<String, byte[]> files = Specimen.files(kind.build());
        Map<String, int[]> places = new TreeMap<>();
        files.forEach((name, bytes) -> places.put(name, Forger.places(name, bytes)));
        logs.add(new Whole(files, places));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return List.copyOf(logs);
  }

  /// {@return the files of one of the logs, with all that was chosen done to them}
  static Map<String, byte[]> ofLog(Choices choices) {
    Harms harms = new Harms(LOGS.get(choices.below(LOGS.size())));
    int kind = choices.octet();
    for (int i = 0; i == 0 || (i < MOST && !choices.ended()); i++) {
      harms.one(choices);
    }
    harms.mend((kind & 3) != 0, (kind & 4) != 0, (kind & 8) != 0);
    return harms.files;
  }

  /// {@return the files of one of the logs, one of them changed, or none if there is no such}
  ///
  /// @param prefix what its name begins with
  static Map<String, byte[]> ofFile(String prefix, Choices choices) {
    Harms harms = new Harms(LOGS.get(choices.below(LOGS.size())));
    String _ = harms.file(prefix, choices);
    return harms.files;
  }

  /// {@return one file of one of the logs, changed, or none if there is no such}
  ///
  /// @param prefix what its name begins with
  static Map<String, byte[]> ofFileAlone(String prefix, Choices choices) {
    Harms harms = new Harms(LOGS.get(choices.below(LOGS.size())));
    String name = harms.file(prefix, choices);
    return name.isEmpty() ? Map.of() : Map.of(name, requireNonNull(harms.files.get(name)));
  }

  // Changes one, and answers its name.
  private String file(String prefix, Choices choices) {
    int kind = choices.octet();
    List<String> names = files.keySet().stream().filter(name -> name.startsWith(prefix)).toList();
    if (names.isEmpty()) {
      return "";
    }
    String name = names.get(choices.below(names.size()));
    for (int i = 0; i == 0 || (i < MOST && !choices.ended()); i++) {
      edit(name, choices);
    }
    mend((kind & 3) != 0, (kind & 4) != 0, (kind & 24) == 8);
    return name;
  }

  private void one(Choices choices) {
    int kind = choices.octet() & 31;
    List<String> names = new ArrayList<>(files.keySet());
    if (names.isEmpty()) {
      return;
    }
    String name = names.get(choices.below(names.size()));
    switch (kind) {
      case 0 -> files.remove(name);
      case 1 -> files.put(names.get(choices.below(names.size())), own(name));
      case 2 -> files.put(otherName(name, choices), own(name));
      case 3 -> {
        files.put(otherName(name, choices), own(name));
        files.remove(name);
      }
      default -> edit(name, choices);
    }
  }

  private static String otherName(String name, Choices choices) {
    long number = choices.value(1, 1);
    return switch (choices.octet() % 6) {
      case 0 -> SegmentHeader.fileName(number);
      case 1 -> SegmentHeader.goneName(number);
      case 2 -> name + ".tmp";
      case 3 -> name + ".damaged";
      case 4 -> SegmentHeader.fileName(Math.max(1, number)).replace(".wal", ".aside");
      default -> String.format("checkpoint-%016x-%016x", number, choices.value(1, 1));
    };
  }

  private void edit(String name, Choices choices) {
    byte[] before = files.get(name);
    if (before == null || before.length == 0) {
      return;
    }
    byte[] bytes = touched.containsKey(name) ? before : before.clone();
    int kind = choices.octet();
    int at = place(name, bytes.length, choices);
    MemorySegment file = MemorySegment.ofArray(bytes);
    switch (kind & 15) {
      case 0 -> bytes[at] ^= (byte) (1 << (kind >> 5));
      case 1, 2, 3 -> bytes[at] = (byte) choices.value(1, bytes[at]);
      case 4, 5, 6, 7 -> {
        int place = Math.min(at & -4, bytes.length - 4);
        if (place >= 0) {
          file.set(INT, place, (int) choices.value(4, file.get(INT, place)));
        }
      }
      case 8, 9, 10, 11 -> {
        int place = Math.min(at & -8, bytes.length - 8);
        if (place >= 0) {
          file.set(LONG, place, choices.value(8, file.get(LONG, place)));
        }
      }
      case 12 -> {
        int to = place(name, bytes.length, choices);
        int length = Math.min(64 * (1 + choices.octet()), bytes.length - Math.max(at, to));
        System.arraycopy(bytes, at, bytes, to, length);
      }
      case 13 ->
          Arrays.fill(bytes, at, Math.min(bytes.length, at + 1 + choices.below(1024)), (byte) 0);
      case 14 -> bytes = Arrays.copyOf(bytes, at);
      default ->
          bytes = Arrays.copyOf(bytes, Math.min(MOST_BYTES, bytes.length + 64 * choices.octet()));
    }
    files.put(name, bytes);
    touched.put(name, true);
  }

  // Mostly where something is said.
  private int place(String name, int length, Choices choices) {
    int[] known = places.getOrDefault(name, new int[] {0});
    int where = choices.octet();
    if (where == 255) {
      return choices.below(length);
    }
    return Math.min(length - 1, known[where % known.length] + choices.octet());
  }

  private void mend(boolean forged, boolean chained, boolean linked) {
    if (forged) {
      touched.keySet().stream()
          .filter(files::containsKey)
          .forEach(name -> Forger.forge(name, own(name), chained));
    }
    if (linked) {
      List.copyOf(files.keySet()).forEach(this::own);
      Forger.link(files);
    }
  }

  // The array may be the log's own, which the next input needs as it is.
  private byte[] own(String name) {
    byte[] bytes = requireNonNull(files.get(name)).clone();
    files.put(name, bytes);
    return bytes;
  }

  /// {@return a disk with these files}
  static SimulatedDisk disk(Map<String, byte[]> files) {
    SimulatedDisk disk = new SimulatedDisk();
    files.forEach(disk::replace);
    return disk;
  }
}
