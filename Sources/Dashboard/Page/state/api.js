// Access to the server: JSON, and problems with readable messages.

/** What went wrong, in words. `status` 0: the server did not answer at all. */
export class Problem extends Error {
    constructor(status, title, detail) {
        super(detail || title)
        Object.assign(this, { status, title, detail })
    }

    /** Whether an automatic retry may help. */
    get isPassing() { return this.status === 0 || this.status === 429 || this.status >= 500 }
}

/** The address of an answer. */
export function api(path, parameters = {}) {
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries(parameters)) {
        if (value !== undefined && value !== null && value !== "") query.set(name, value)
    }
    const text = query.toString()
    return `api/v1${path}${text ? `?${text}` : ""}`
}

async function problem(response) {
    const body = await response.json().catch(() => ({}))
    return new Problem(response.status, body.title || `The server answered ${response.status}`, body.detail)
}

async function request(url, options) {
    let response
    try {
        response = await fetch(url, options)
    } catch (error) {
        if (error.name === "AbortError") throw error
        throw new Problem(0, "The server is not responding", "It may be restarting, or the network may be down.")
    }
    if (!response.ok) throw await problem(response)
    return response
}

/** The JSON at an address. The browser keeps it and asks the server whether it is still the newest. */
export async function load(url, signal) {
    const response = await request(url, { signal, cache: "no-cache", headers: { Accept: "application/json" } })
    return response.json()
}

/** The bytes at an address, for anything but JSON. */
export async function loadBytes(url, signal) {
    return (await request(url, { signal })).blob()
}

/** How long a search continues from page to page by itself before the user has to continue it, in milliseconds. */
const searchPatience = 10_000

/**
 * A `load` for the list `name`: continues to the next page while a page is empty. A long search answers in pieces, and
 * a piece may be empty although more follows.
 */
export function search(name) {
    return async (url, signal) => {
        const [path, query] = url.split("?")
        const parameters = new URLSearchParams(query)
        const began = performance.now()
        for (;;) {
            const page = await load(`${path}?${parameters}`, signal)
            if (page[name].length || !page.next || performance.now() - began > searchPatience) return page
            parameters.set("cursor", page.next)
        }
    }
}

/** Sends something, with JSON or without. */
export async function send(url, body) {
    await request(url, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}),
    })
}
