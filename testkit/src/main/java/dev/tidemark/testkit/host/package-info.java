/// Machines for tests. On [dev.tidemark.testkit.host.FakeHost] threads are real and the clock
/// stands still until the test moves it; on [dev.tidemark.testkit.host.SimulatedHost] clock,
/// scheduler and random numbers follow from one seed, so that a run is the same every time.
@NullMarked
package dev.tidemark.testkit.host;

import org.jspecify.annotations.NullMarked;
