// What the page shows stands in its address, so that a link shows another user the same:
// ?view=results&pipeline=digits…
import { reactive } from "../vue.js"

const read = () => Object.fromEntries(new URLSearchParams(location.search))

/** The parameters of the address, as one object that views watch. */
export const address = reactive({ query: read() })

addEventListener("popstate", () => { address.query = read() })

/** The address of these parameters; what is empty is left out. */
export function link(query) {
    const parameters = new URLSearchParams()
    for (const [name, value] of Object.entries(query)) {
        if (value !== undefined && value !== null && value !== "") parameters.set(name, value)
    }
    const text = parameters.toString()
    return text ? `?${text}` : "./"
}

/** Goes to these parameters; `replace` leaves no step in the browser's history. */
export function go(query, { replace = false } = {}) {
    const target = link(query)
    if (target === (location.search || "./")) return
    history[replace ? "replaceState" : "pushState"](null, "", target)
    address.query = read()
}

/**
 * The present parameters with some changed; any change but that of a list's page returns the list to its first page.
 */
export function changed(changes) {
    return { ...address.query, cursor: undefined, ...changes }
}

/** For `onClick` of links to this page: plain clicks stay in it, all others are the browser's. */
export function follow(event, query) {
    if (
        event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey
    ) return
    event.preventDefault()
    go(query)
}
