package dev.tidemark.cli;

import dev.tidemark.cli.screen.Results;
import java.lang.reflect.Constructor;
import picocli.CommandLine;

/// Makes commands, and gives the results' stream to those that want it.
///
/// @param results where results go
record Commands(Results results) implements CommandLine.IFactory {
  @Override
  public <K> K create(Class<K> type) throws Exception {
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      Class<?>[] wants = constructor.getParameterTypes();
      if (wants.length == 1 && wants[0] == Results.class) {
        return type.cast(constructor.newInstance(results));
      }
    }
    return CommandLine.defaultFactory().create(type);
  }
}
