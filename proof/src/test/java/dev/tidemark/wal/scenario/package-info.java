/// The ways a log can die, one class each: the matrix in `docs/durability.md` lists them by number,
/// and `ScenarioMatrixTest` holds it to them.
package dev.tidemark.wal.scenario;
