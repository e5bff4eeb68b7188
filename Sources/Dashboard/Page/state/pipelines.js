// The state of every pipeline, which the frame, Tonight and the choice of a pipeline share.
import { now, setTime } from "./clock.js"
import { api, load } from "./api.js"
import { live } from "./live.js"
import { useResource } from "./resource.js"
import { onScopeDispose, watch } from "../vue.js"
import { moment } from "../words/times.js"

let shared = null

/** Sets the server's time first, because ages depend on it. */
async function loadWithTime(url, signal) {
    const data = await load(url, signal)
    setTime(data.now)
    return data
}

/** Called once by the frame, before its views; the views take `pipelines()`. */
export function usePipelines() {
    shared = useResource(() => api("/pipelines"), loadWithTime)
    let due = null
    watch(() => shared.data, (data) => {
        if (!data) return
        // A missing night announces nothing: look again when one is due, and at intervals anyway.
        const next = data.pipelines.map(
            (row) => Date.parse(row.next_due) - Date.parse(data.now)
        ).filter((wait) => wait > 0)
        clearTimeout(due)
        due = setTimeout(() => { live.generation += 1 }, Math.min(...next.map((wait) => wait + 2_000), 10 * 60_000))
    })
    onScopeDispose(() => clearTimeout(due))
    return shared
}

export const pipelines = () => shared

/**
 * The night that explains a pipeline's state: the one that is due, even if it never started; a later one if that failed
 * while the one that is due has results.
 */
export function nightInQuestion({ is_current: isCurrent, expected_batch: expected, latest }) {
    const wentWrong = ["failed", "held_back"].includes(latest?.state)
    if (isCurrent && wentWrong && latest.batch > expected) return latest.batch
    return expected ?? latest?.batch ?? null
}

/** How long after the due time the server may take to report the state of the results. */
const answerTime = 60_000

/**
 * A pipeline's row as far as it is still reliable: once its next results are due and it could not be loaded again, a
 * good state becomes `unknown`. A bad one stays bad.
 */
export function asKnown(row) {
    if (row.state === "red" || !(now.value > Date.parse(row.next_due) + answerTime)) return row
    return {
        ...row, state: "unknown", is_current: false, reasons: [
            `Unknown: results were due on ${moment(row.next_due)}, and the server has not answered since.`,
            `As of ${moment(shared.loadedAt)}: ${row.reasons.join(" ")}`,
        ],
    }
}
