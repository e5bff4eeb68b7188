// What the machine calls a state, in words for people, and how loud it is.
import { nightName } from "./times.js"

/** How loud: good, busy, warn, bad, or none (nothing to say). */
const nights = {
    sealed: ["good", "Complete"], held_back: ["bad", "Held back"], failed: ["bad", "Failed"], running: ["busy", "Running"],
    missing: ["bad", "Missing"], stale: ["warn", "Outdated"],
}
const stages = { ...nights, missing: ["none", "Not run"], absent: ["none", "Not run"] }
const lamps = { green: ["good", "All well"], amber: ["warn", "Look at it"], red: ["bad", "Problem"] }

const named = (table) => (state) => {
    const [tone, word] = table[state] ?? ["none", state ?? "Unknown"]
    return { tone, word }
}

export const nightStatus = named(nights)
/** A stage's status; one that was made from something older than there is now is outdated. */
export const stageStatus = (row) => named(stages)(row.is_stale ? "stale" : row.status)
export const lamp = named(lamps)

/** The stage that the night got stuck at, if one can be named. */
function culprit(batch) {
    return batch.stages?.find((row) => row.status === "failed" || row.status === "held_back")?.stage
}

/** How a pipeline stands, as one sentence. */
export function sentence(pipeline) {
    const { latest, shown, expected_batch: expected, is_current: isCurrent } = pipeline
    if (!latest && !shown && !expected) return "Nothing has run yet."
    const isBehind = expected && (!latest || latest.batch < expected)
    if (!isCurrent && isBehind) return `There are no results of ${nightName(expected, "long")}.`
    const night = nightName((latest ?? shown).batch, "long")
    const at = latest && culprit(latest) ? ` at “${culprit(latest)}”` : ""
    switch (latest?.state) {
    case "failed": return `The night of ${night} failed${at}.`
    case "held_back": return `The results of ${night} are held back${at}: a check did not pass.`
    case "running": return `The night of ${night} is still at work.`
    case "missing": return `There are no results of ${night}.`
    case "stale": return `The results of ${night} are older than what they were made from.`
    default: return `The results of ${night} are here${pipeline.state === "green" ? "." : ", with something to look at."}`
    }
}
