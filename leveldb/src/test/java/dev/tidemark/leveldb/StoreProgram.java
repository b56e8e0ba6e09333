package dev.tidemark.leveldb;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/// Our store in a process of its own: takes the commands that `driver.cc` takes, and answers as it
/// does.
final class StoreProgram {
  private StoreProgram() {}

  /// {@return whether a warning says no more than that LevelDB went on with a log of ours: it
  /// begins behind the block that we filled with zeros}
  static boolean isOfZeros(String warning) {
    return warning.contains(": zeros, which LevelDB passes over, with something behind them");
  }

  private static void tell(String warning) {
    if (!isOfZeros(warning)) {
      System.out.println("warning " + warning);
    }
  }

  public static void main(String[] arguments) throws IOException {
    List<String> words = Arrays.asList(arguments);
    LevelDbOptions.Builder options =
        LevelDbOptions.builder()
            .paranoidChecks(words.contains("paranoid"))
            .reuseLogs(words.contains("reuse"))
            .compression(!words.contains("plain"))
            .warnings(StoreProgram::tell);
    for (String word : words) {
      if (word.startsWith("buffer=")) {
        options.writeBufferBytes(Integer.parseInt(word.substring(7)));
      }
    }
    LevelDb db = LevelDb.open(Path.of(arguments[0]), options.build());
    System.out.println("open");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    String line;
    while ((line = in.readLine()) != null) {
      run(db, line.split(" "));
      System.out.println("ok");
    }
    Runtime.getRuntime().halt(9);
  }

  private static void run(LevelDb db, String[] words) throws IOException {
    switch (words[0]) {
      case "put" -> db.put(bytes(words[1]), bytes(words[2]), options(words[3]));
      case "delete" -> db.delete(bytes(words[1]), options(words[2]));
      case "batch" -> {
        WriteBatch batch = new WriteBatch();
        for (int i = 2; i < words.length; i++) {
          int colon = words[i].indexOf(':');
          if (words[i].startsWith("p")) {
            batch.put(bytes(words[i].substring(1, colon)), bytes(words[i].substring(colon + 1)));
          } else {
            batch.delete(bytes(words[i].substring(1)));
          }
        }
        db.write(batch, options(words[1]));
      }
      case "compact" -> db.compact();
      case "close" -> {
        db.close();
        System.out.println("ok");
        System.exit(0);
      }
      case "die" -> Runtime.getRuntime().halt(9);
      default -> throw new IllegalArgumentException(words[0]);
    }
  }

  private static WriteOptions options(String sync) {
    return new WriteOptions(sync.equals("1"));
  }

  private static byte[] bytes(String hex) {
    return hex.equals("-") ? new byte[0] : HexFormat.of().parseHex(hex);
  }
}
