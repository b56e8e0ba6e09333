/// Makes calls on logs and lets everything happen to them that may.
///
/// ```
///  Explorer ─► Run: Driver makes calls ─► Moments      after each change of the disk: what the log owes then
///      │            Ledger keeps books                 (Known, Stands)
///      └────► Recoverer: each Outcome of each moment ─► open, check, append, cut the power, open again;
///                                                       the same for each step of the recovery
///
///  CrowdExplorer ─► CrowdRun: callers append Words, CrowdBooks keep what each was told ─► Stops
///      └─────────► Turns: every order that differs in a few places
/// ```
///
/// [dev.tidemark.testkit.explorer.Explorer] and [dev.tidemark.testkit.explorer.CrowdExplorer] stop
/// the machine; [dev.tidemark.testkit.explorer.FaultExplorer] lets calls to the storage fail. All
/// run on a simulated host, so a failure can be had again: it names seed, calls, moment and crash.
@NullMarked
package dev.tidemark.testkit.explorer;

import org.jspecify.annotations.NullMarked;
