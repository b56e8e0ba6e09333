/// What every storage keeps, as tests to extend.
///
/// ```java
/// class MyStorageTest extends StorageContract {
///   @Override protected Storage open() throws IOException { return MyStorage.create(); }
///   @Override protected Storage again() throws IOException { return MyStorage.openTheSame(); }
/// }
/// ```
@NullMarked
package dev.tidemark.testkit.contract;

import org.jspecify.annotations.NullMarked;
