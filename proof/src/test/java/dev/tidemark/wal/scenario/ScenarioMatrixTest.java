package dev.tidemark.wal.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/// Holds the matrix in `docs/durability.md` to what there is: it cannot rot.
class ScenarioMatrixTest {
  private static final int SCENARIOS = 42;
  private static final String HEADING = "## Forty-two ways to die";
  private static final Pattern ROW = Pattern.compile("\\| (\\d+) \\|(.*)\\|");
  private static final Pattern NAME = Pattern.compile("`(\\w+Test)`");
  private static final List<String> PACKAGES = List.of("scenario", "internal", "storage");

  private static Path file(String path) {
    Path here = Path.of(path);
    return Files.exists(here) ? here : Path.of("..").resolve(path); // from a module
  }

  // The classes that each number names.
  private static Map<Integer, List<String>> matrix() throws IOException {
    Map<Integer, List<String>> matrix = new TreeMap<>();
    boolean here = false;
    for (String line : Files.readAllLines(file("docs/durability.md"))) {
      here = line.startsWith("## ") ? line.equals(HEADING) : here;
      Matcher row = ROW.matcher(line);
      if (here && row.matches()) {
        List<String> names = new ArrayList<>();
        Matcher name = NAME.matcher(row.group(2));
        while (name.find()) {
          names.add(name.group(1));
        }
        assertThat(matrix.put(Integer.parseInt(row.group(1)), names))
            .as("scenario %s comes twice", row.group(1))
            .isNull();
      }
    }
    return matrix;
  }

  private static Class<?> named(String name) {
    return PACKAGES.stream()
        .map(each -> "dev.tidemark.wal." + each + "." + name)
        .flatMap(each -> find(each).stream())
        .findFirst()
        .orElseThrow(
            () -> new AssertionError("the matrix names " + name + ": there is no such class"));
  }

  private static Optional<Class<?>> find(String name) {
    try {
      return Optional.of(Class.forName(name));
    } catch (ClassNotFoundException _) {
      return Optional.empty();
    }
  }

  private static boolean hasTests(Class<?> type) {
    return Stream.<Class<?>>iterate(type, c -> c != Object.class, Class::getSuperclass)
        .flatMap(c -> Arrays.stream(c.getDeclaredMethods()))
        .anyMatch(ScenarioMatrixTest::isTest);
  }

  private static boolean isTest(Method method) {
    return method.isAnnotationPresent(Test.class)
        || method.isAnnotationPresent(ParameterizedTest.class);
  }

  @Test
  void everyScenarioIsListedOnceWithAClassThatHasTests() throws IOException {
    Map<Integer, List<String>> matrix = matrix();
    for (int number = 1; number <= SCENARIOS; number++) {
      assertThat(matrix.get(number)).as("classes of scenario %s", number).isNotEmpty();
    }
    assertThat(matrix).hasSize(SCENARIOS);
    matrix.values().stream()
        .flatMap(List::stream)
        .forEach(name -> assertThat(hasTests(named(name))).as("tests in %s", name).isTrue());
  }

  @Test
  void everyClassOfAScenarioIsListed() throws IOException {
    Set<String> listed = new TreeSet<>();
    matrix().values().forEach(listed::addAll);
    Path sources = file("proof/src/test/java/dev/tidemark/wal/scenario");
    try (Stream<Path> files = Files.list(sources)) {
      List<String> classes =
          files
              .map(each -> each.getFileName().toString().replace(".java", ""))
              .filter(each -> each.endsWith("Test"))
              .filter(each -> !each.equals("ScenarioMatrixTest"))
              .toList();
      assertThat(classes).isNotEmpty();
      assertThat(listed).containsAll(classes);
    }
  }
}
