// The server's announcements. A new version moves `generation`, and everything on the page that watches it is
// loaded again.
import { reactive, watch } from "../vue.js"
import { api } from "./api.js"
import { now } from "./clock.js"
import { session, startSession } from "./session.js"

/**
 * `connection`: starting, open or lost; `database`: back or lost; `update`: the last announcement, for a brief notice.
 */
export const live = reactive({ connection: "starting", database: "back", generation: 0, update: null })

/** A page that has been hidden for this long disconnects: a browser has only six connections to a server. */
const patience = 5 * 60_000

let source = null
let pause = 1_000
let again = null
let asleep = null

function renew() { live.generation += 1 }

function connect() {
    clearTimeout(again)
    source?.close()
    const opened = source = new EventSource(api("/events"))
    opened.onopen = () => {
        pause = 1_000
        // What was announced meanwhile may have been missed.
        if (live.connection === "lost") renew()
        live.connection = "open"
    }
    opened.onerror = () => {
        live.connection = "lost"
        // The browser reconnects by itself after a break, but gives up after an answer that is not a stream.
        if (opened.readyState !== EventSource.CLOSED) return
        startSession()
        again = setTimeout(connect, pause)
        pause = Math.min(pause * 2, 30_000)
    }
    let settling = null
    opened.addEventListener("results", (event) => {
        // A load announces several things within a moment.
        clearTimeout(settling)
        const what = JSON.parse(event.data)
        settling = setTimeout(() => {
            live.update = { ...what, at: now.value }
            renew()
        }, 250)
    })
    opened.addEventListener("database", (event) => {
        // Every stream begins with this, so only a change is news.
        const { state } = JSON.parse(event.data)
        if (state === "back" && live.database === "lost") renew()
        live.database = state
    })
    opened.addEventListener("reset", renew)
}

function disconnect() {
    clearTimeout(again)
    source?.close()
    source = null
}

export function startLive() {
    watch(
        () => session.me !== null && !session.mustSignIn, (isKnown) => (isKnown ? connect() : disconnect()),
        { immediate: true }
    )
    document.addEventListener("visibilitychange", () => {
        clearTimeout(asleep)
        if (document.hidden) {
            asleep = setTimeout(disconnect, patience)
        } else if (session.me && !source) {
            connect()
            renew()
        }
    })
    addEventListener("pagehide", disconnect)
}
