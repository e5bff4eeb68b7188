// The state of every pipeline, which the frame, Tonight and the choice of a pipeline share.
import { setTime } from "./clock.js"
import { api } from "./api.js"
import { live } from "./live.js"
import { useResource } from "./resource.js"
import { onScopeDispose, watch } from "../vue.js"

let shared = null

/** Called once by the frame, before its views; the views take `pipelines()`. */
export function usePipelines() {
    shared = useResource(() => api("/pipelines"))
    let due = null
    watch(() => shared.data, (data) => {
        if (!data) return
        setTime(data.now)
        // A night that does not come announces nothing: look again when one is due, and now and then anyway.
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
