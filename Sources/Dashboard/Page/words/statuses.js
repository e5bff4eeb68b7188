// Readable names of states, and how urgent each is. Sentences come from the server.

/** The urgency: good, busy, warn, bad, or none. */
const nights = {
    sealed: ["good", "Complete"], held_back: ["bad", "Held back"], failed: ["bad", "Failed"],
    running: ["busy", "Running"],
    missing: ["bad", "Missing"], stale: ["warn", "Outdated"],
}
const stages = {
    ...nights, missing: ["none", "Not run"], absent: ["none", "Not run"], loaded: ["good", "In the results"],
}
const lamps = {
    green: ["good", "OK"], amber: ["warn", "Needs attention"], red: ["bad", "Problem"], unknown: ["none", "Unknown"],
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
/** A stage's status; a stage made from an older version than the newest is outdated. */
export const stageStatus = (row) => named(stages)(row.is_stale ? "stale" : row.status)
export const lamp = named(lamps)
/** The state of a version on disk. */
export const versionState = (state) => versions[state] ?? state
