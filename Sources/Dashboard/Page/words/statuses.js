// What the machine calls a state, in a word for people, and how loud it is. Sentences come from the server.

/** How loud: good, busy, warn, bad, or none (nothing to say). */
const nights = {
    sealed: ["good", "Complete"], held_back: ["bad", "Held back"], failed: ["bad", "Failed"],
    running: ["busy", "Running"],
    missing: ["bad", "Missing"], stale: ["warn", "Outdated"],
}
const stages = {
    ...nights, missing: ["none", "Not run"], absent: ["none", "Not run"], loaded: ["good", "In the results"],
}
const lamps = {
    green: ["good", "All well"], amber: ["warn", "Look at it"], red: ["bad", "Problem"], unknown: ["none", "Not known"],
}

const named = (table) => (state) => {
    const [tone, word] = table[state] ?? ["none", state ?? "Unknown"]
    return { tone, word }
}

const versions = {
    current: "in use", pinned: "in use, chosen by hand", held_back: "held back", unsealed: "not finished",
    superseded: "replaced",
}

export const nightStatus = named(nights)
/** A stage's status; one that was made from something older than there is now is outdated. */
export const stageStatus = (row) => named(stages)(row.is_stale ? "stale" : row.status)
export const lamp = named(lamps)
/** What has become of a version on disk. */
export const versionState = (state) => versions[state] ?? state
