// Something that is loaded, shown, and loaded again when the server announces a change.
import { onScopeDispose, shallowReactive, watch } from "../vue.js"
import { load as loadOnce } from "./api.js"
import { now } from "./clock.js"
import { live } from "./live.js"
import { session } from "./session.js"

/**
 * Keeps the JSON at the address that `where` gives (null: nothing to load yet), got by `load(url, signal)`.
 * `data` always belongs to that address; `problem` accompanies data that could not be refreshed, with its `loadedAt`.
 */
export function useResource(where, load = loadOnce) {
    const resource = shallowReactive({
        data: null, problem: null, isLoading: true, loadedAt: null, retry: () => refresh(where()),
    })
    let inFlight = null
    let again = null
    let pause = 4_000

    async function refresh(url) {
        clearTimeout(again)
        inFlight?.abort()
        if (!url) {
            resource.isLoading = false
            return
        }
        const control = inFlight = new AbortController()
        resource.isLoading = true
        try {
            const data = await load(url, control.signal)
            if (control.signal.aborted) return
            Object.assign(resource, { data, problem: null, loadedAt: now.value, isLoading: false })
            pause = 4_000
        } catch (problem) {
            if (control.signal.aborted) return
            Object.assign(resource, { problem, isLoading: false })
            if (problem.status === 401) session.mustSignIn = true
            if (problem.isPassing) {
                again = setTimeout(() => refresh(where()), pause)
                pause = Math.min(pause * 2, 60_000)
            }
        }
    }

    watch(() => where(), (url) => {
        // The old data belongs to another address and must not be shown under the new one.
        Object.assign(resource, { data: null, problem: null, loadedAt: null })
        refresh(url)
    }, { immediate: true })
    watch(() => live.generation, () => refresh(where()))
    watch(() => session.mustSignIn, (must) => { if (!must) refresh(where()) })
    onScopeDispose(() => {
        clearTimeout(again)
        inFlight?.abort()
    })
    return resource
}
