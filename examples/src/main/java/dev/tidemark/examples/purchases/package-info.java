/// An order service logs purchases; `warehouse` and `finance` consume them, each at its own pace,
/// through subscriptions. What both have is pruned.
@NullMarked
package dev.tidemark.examples.purchases;

import org.jspecify.annotations.NullMarked;
